//! A large history in the real window: the list and the longest conversations scroll without a jump, and what is opened shows its
//! end at once. The figures are printed; the bounds are for a debug build beside other work, the goals are those of the bench.

use capibara6_journeys::{Home, MODEL, Window, until};
use capibara6_testkit::{LargeHistory, ModelServer};
use serde::Deserialize;

/// What rolling through something has shown, frame by frame.
#[derive(Debug, Deserialize)]
struct Rolled {
    /// How far something that stays moved by itself, in pixels, at worst.
    jump: f64,
    /// How many elements there were at most.
    elements: usize,
    /// Frames with nothing on them.
    blank: usize,
    /// 19 of 20 frames took no longer, in milliseconds.
    #[expect(dead_code, reason = "it is printed with the others")]
    frame_p95: f64,
}

/// Rolls a scroller by so many pixels in each frame, and looks after each was painted.
async fn roll(window: &Window, scroller: &str, things: &str, step: i32, frames: u32) -> Rolled {
    let body = "const [scrollerName, things, step, frames, done] = arguments; \
        (async () => { \
            const scroller = document.querySelector(scrollerName); \
            const worst = { jump: 0, elements: 0, blank: 0, frame_p95: 0 }; \
            const took = []; \
            scroller.dispatchEvent(new WheelEvent('wheel', { deltaY: step })); \
            let last = performance.now(); \
            for (let n = 0; n < frames; n += 1) { \
                const view = scroller.getBoundingClientRect(); \
                const all = [...scroller.querySelectorAll(things)]; \
                const seen = all.find((each) => each.getBoundingClientRect().bottom > view.top + 250); \
                const before = seen?.getBoundingClientRect().top ?? 0; \
                const { scrollTop } = scroller; \
                scroller.scrollTop += step; \
                const moved = scroller.scrollTop - scrollTop; \
                await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted))); \
                if (seen?.isConnected) worst.jump = Math.max(worst.jump, Math.abs(seen.getBoundingClientRect().top - before + moved)); \
                worst.elements = Math.max(worst.elements, all.length); \
                const shown = [...scroller.querySelectorAll(things)].some((each) => { \
                    const box = each.getBoundingClientRect(); \
                    return box.bottom > view.top + 50 && box.top < view.bottom - 50; \
                }); \
                if (!shown) worst.blank += 1; \
                took.push(performance.now() - last); \
                last = performance.now(); \
            } \
            took.sort((a, b) => a - b); \
            worst.frame_p95 = took[Math.floor(took.length * 0.95)]; \
            done(worst); \
        })()";
    let rolled = window.script_async(body, &[scroller.into(), things.into(), step.into(), frames.into()]).await;
    serde_json::from_value(rolled).expect("what rolling has shown")
}

/// Opens a conversation of the list and says after how many milliseconds its painted end stood there.
async fn open(window: &Window, id: &str) -> f64 {
    let item = format!("[data-id=\"{id}\"]");
    until("the conversation is in the list", async || {
        let body = "const list = document.querySelector('.sidebar-list'); \
            if (document.querySelector(arguments[0]) !== null) return true; \
            const { scrollTop } = list; \
            list.scrollTop += 500; \
            if (list.scrollTop === scrollTop && document.querySelector('.sidebar-next') === null) list.scrollTop = 0; \
            return false";
        window.read::<bool>(body, &[item.clone().into()]).await.then_some(())
    })
    .await;
    let body = "const [item, done] = arguments; \
        const begun = performance.now(); \
        document.querySelector(`${item} .sidebar-open`).click(); \
        const look = () => { \
            const scroller = document.querySelector('.messages'); \
            const opened = document.querySelector(`${item}[data-active=\"true\"]`) !== null; \
            const shown = opened && scroller.querySelector('.prose .block') !== null; \
            const below = scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop; \
            if (shown && below < 2) requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun))); \
            else setTimeout(look); \
        }; \
        look()";
    serde_json::from_value(window.script_async(body, &[item.into()]).await).expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn years_of_work_scroll_and_open_at_once() {
    let history = LargeHistory { messages: 12_000, seed: 7 };
    let server = ModelServer::start(&[MODEL]).await;
    let home = Home::of(&server);
    history.make(&home.database()).await.expect("the history is made");
    let window = Window::open(home).await;
    until("conversations are listed", async || {
        (window.count("[data-testid=\"conversation-item\"]").await > 10).then_some(())
    })
    .await;

    let list = roll(&window, ".sidebar-list", ".sidebar-item", 300, 60).await;
    println!("the list: {list:?}");
    assert!(list.jump <= 2.0 && list.elements < 120 && list.blank == 0, "{list:?}");

    let long = open(&window, &history.long().to_string()).await;
    println!("3,000 messages: the end after {long:.0} ms");
    let up = roll(&window, ".messages", ".block, .question", -300, 80).await;
    println!("3,000 messages, upwards: {up:?}");
    assert!(up.jump <= 2.0 && up.blank == 0, "{up:?}");
    assert!(window.messages().await.len() < 80, "only what is near is on the page");
    window.shot("large-conversation").await;

    let wide = open(&window, &history.wide().to_string()).await;
    println!("a message of a megabyte: the end after {wide:.0} ms");
    let up = roll(&window, ".messages", ".block, .question", -300, 60).await;
    println!("a message of a megabyte, upwards: {up:?}");
    assert!(up.jump <= 2.0 && up.blank == 0, "{up:?}");
    assert!(long < 1_500.0 && wide < 1_500.0, "{long:.0} ms and {wide:.0} ms");
    window.close().await;
}
