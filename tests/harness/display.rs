//! The window as the display server knows it: what a window manager and a keyboard do to it, which WebDriver cannot.

use x11rb::{
    connection::Connection,
    protocol::{
        xproto::{
            Atom, AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, InputFocus, MapState, Window as Id,
        },
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
};

use crate::Process;

/// Event codes of the core protocol, which XTEST takes as numbers.
const KEY_PRESS: u8 = 2;
const KEY_RELEASE: u8 = 3;

/// A connection to the display and the program's window on it.
pub(crate) struct Display {
    connection: RustConnection,
    window: Id,
}

impl Display {
    /// Finds the visible top-level window of a process; `None` while there is none.
    pub(crate) fn find(process: Process) -> Option<Self> {
        let (connection, screen) = x11rb::connect(None).expect("the display answers");
        let root = connection.setup().roots.get(screen)?.root;
        let pid = atom(&connection, "_NET_WM_PID");
        let window = descend(&connection, root, &|window| {
            let visible = connection.get_window_attributes(window).ok()?.reply().ok()?.map_state == MapState::VIEWABLE;
            let owner = connection.get_property(false, window, pid, AtomEnum::CARDINAL, 0, 1).ok()?.reply().ok()?;
            (visible && owner.value32()?.next()? == process.0).then_some(())
        })?;
        Some(Self { connection, window })
    }

    /// What the close button of a window manager does.
    pub(crate) fn ask_to_close(&self) {
        let protocols = atom(&self.connection, "WM_PROTOCOLS");
        let delete = atom(&self.connection, "WM_DELETE_WINDOW");
        let event = ClientMessageEvent::new(32, self.window, protocols, [delete, 0, 0, 0, 0]);
        self.connection.send_event(false, self.window, EventMask::NO_EVENT, event).expect("the message is sent");
        self.settle();
    }

    /// Takes the keyboard away from the window, as another window does that comes to the front.
    pub(crate) fn take_focus_away(&self) {
        let none = InputFocus::NONE;
        self.connection.set_input_focus(none, x11rb::NONE, x11rb::CURRENT_TIME).expect("the focus is taken");
        self.settle();
    }

    /// Whether the window, or something in it, has the keyboard.
    pub(crate) fn has_focus(&self) -> bool {
        let focus =
            self.connection.get_input_focus().expect("the display answers").reply().expect("the display answers").focus;
        focus == self.window
            || descend(&self.connection, self.window, &|child| (child == focus).then_some(())).is_some()
    }

    /// Presses keys of a real keyboard together, by X keysym, the first ones held.
    pub(crate) fn strike(&self, keysyms: &[u32]) {
        let connection = &self.connection;
        connection.set_input_focus(InputFocus::PARENT, self.window, x11rb::CURRENT_TIME).expect("the focus is given");
        let codes: Vec<u8> = keysyms.iter().map(|keysym| self.keycode(*keysym)).collect();
        let strokes =
            codes.iter().map(|code| (KEY_PRESS, *code)).chain(codes.iter().rev().map(|code| (KEY_RELEASE, *code)));
        for (kind, code) in strokes {
            connection.xtest_fake_input(kind, code, 0, x11rb::NONE, 0, 0, 0).expect("a key is struck");
        }
        self.settle();
    }

    /// Waits until the display has taken everything: what is still under way when a connection closes may be lost.
    fn settle(&self) {
        self.connection.get_input_focus().expect("the display answers").reply().expect("the display answers");
    }

    fn keycode(&self, keysym: u32) -> u8 {
        let setup = self.connection.setup();
        let count = setup.max_keycode - setup.min_keycode + 1;
        let mapping = self.connection.get_keyboard_mapping(setup.min_keycode, count).expect("the keyboard is read");
        let mapping = mapping.reply().expect("the keyboard is read");
        let per_code = usize::from(mapping.keysyms_per_keycode);
        let row = mapping.keysyms.chunks(per_code).position(|row| row.contains(&keysym));
        let row = row.unwrap_or_else(|| panic!("the keyboard has no key for {keysym:#x}"));
        setup.min_keycode + u8::try_from(row).expect("a keyboard has at most 248 keys")
    }
}

/// The first window in the tree below this one for which the probe gives something.
fn descend(connection: &RustConnection, window: Id, is_it: &impl Fn(Id) -> Option<()>) -> Option<Id> {
    let children = connection.query_tree(window).ok()?.reply().ok()?.children;
    children.iter().find_map(|child| is_it(*child).map(|()| *child).or_else(|| descend(connection, *child, is_it)))
}

fn atom(connection: &RustConnection, name: &str) -> Atom {
    let cookie = connection.intern_atom(false, name.as_bytes()).expect("the display answers");
    cookie.reply().expect("the display answers").atom
}
