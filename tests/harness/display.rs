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

/// The keysym of the shift key.
const SHIFT: u32 = 0xffe1;

/// A key of the keyboard, and whether it is held with shift.
struct Key {
    code: u8,
    shifted: bool,
}

/// A connection to the display and the program's window on it.
pub(crate) struct Display {
    connection: RustConnection,
    window: Id,
}

impl Display {
    /// Finds the program's own window, visible and no dialog; `None` while there is none.
    pub(crate) fn find(process: Process) -> Option<Self> {
        Self::find_where(process, |connection, window| {
            let transient = connection.get_property(false, window, AtomEnum::WM_TRANSIENT_FOR, AtomEnum::WINDOW, 0, 1);
            Some(transient.ok()?.reply().ok()?.value_len == 0)
        })
    }

    /// Finds a visible window of a process by its title.
    pub(crate) fn find_titled(process: Process, title: &str) -> Option<Self> {
        Self::find_where(process, |connection, window| {
            let (name, text) = (atom(connection, "_NET_WM_NAME"), atom(connection, "UTF8_STRING"));
            let shown = connection.get_property(false, window, name, text, 0, 256).ok()?.reply().ok()?.value;
            Some(shown == title.as_bytes())
        })
    }

    fn find_where(process: Process, is_it: impl Fn(&RustConnection, Id) -> Option<bool>) -> Option<Self> {
        let (connection, screen) = x11rb::connect(None).expect("the display answers");
        let root = connection.setup().roots.get(screen)?.root;
        let pid = atom(&connection, "_NET_WM_PID");
        let window = descend(&connection, root, &|window| {
            let visible = connection.get_window_attributes(window).ok()?.reply().ok()?.map_state == MapState::VIEWABLE;
            let owner = connection.get_property(false, window, pid, AtomEnum::CARDINAL, 0, 1).ok()?.reply().ok()?;
            (visible && owner.value32()?.next()? == process.0 && is_it(&connection, window)?).then_some(())
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

    /// Gives the window the keyboard, as a window manager does with the one in front.
    pub(crate) fn focus(&self) {
        let given = self.connection.set_input_focus(InputFocus::PARENT, self.window, x11rb::CURRENT_TIME);
        given.expect("the focus is given");
        self.settle();
    }

    /// Presses keys of a real keyboard together, by X keysym, the first ones held.
    pub(crate) fn strike(&self, keysyms: &[u32]) {
        self.focus();
        let codes: Vec<u8> = keysyms.iter().map(|keysym| self.key(*keysym).code).collect();
        self.press(&codes);
        self.settle();
    }

    /// Types a text that the keyboard has keys for.
    pub(crate) fn write(&self, text: &str) {
        self.focus();
        let shift = self.key(SHIFT).code;
        for character in text.chars() {
            // the keysyms of Latin-1 are its characters
            let key = self.key(u32::from(character));
            let keys = [shift, key.code];
            self.press(if key.shifted { &keys } else { &keys[1..] });
        }
        self.settle();
    }

    /// Presses keys together and releases them.
    fn press(&self, codes: &[u8]) {
        let strokes =
            codes.iter().map(|code| (KEY_PRESS, *code)).chain(codes.iter().rev().map(|code| (KEY_RELEASE, *code)));
        for (kind, code) in strokes {
            let struck = self.connection.xtest_fake_input(kind, code, 0, x11rb::NONE, 0, 0, 0);
            struck.expect("a key is struck");
        }
    }

    /// Waits until the display has taken everything: what is still under way when a connection closes may be lost.
    fn settle(&self) {
        self.connection.get_input_focus().expect("the display answers").reply().expect("the display answers");
    }

    fn key(&self, keysym: u32) -> Key {
        let setup = self.connection.setup();
        let count = setup.max_keycode - setup.min_keycode + 1;
        let mapping = self.connection.get_keyboard_mapping(setup.min_keycode, count).expect("the keyboard is read");
        let mapping = mapping.reply().expect("the keyboard is read");
        let per_code = usize::from(mapping.keysyms_per_keycode);
        let rows = mapping.keysyms.chunks(per_code).enumerate();
        let mut places =
            rows.filter_map(|(row, keysyms)| Some((keysyms.iter().position(|each| *each == keysym)?, row)));
        let (column, row) = places.next().unwrap_or_else(|| panic!("the keyboard has no key for {keysym:#x}"));
        let row = u8::try_from(row).expect("a keyboard has at most 248 keys");
        Key { code: setup.min_keycode + row, shifted: column == 1 }
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
