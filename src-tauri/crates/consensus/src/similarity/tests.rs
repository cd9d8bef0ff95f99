use proptest::prelude::*;

use super::*;

/// Open questions with answers as models write them, in groups that say the same in their own words.
const OPEN: &[(&str, &[&[&str]])] = &[
    (
        "¿Qué ventajas tiene una cooperativa frente a una sociedad limitada?",
        &[
            &[
                "Una cooperativa reparte el poder: cada socio tiene un voto, sin importar el capital aportado. Además, los excedentes se reinvierten o se reparten según el trabajo, y tiene ventajas fiscales como cooperativa protegida.",
                "La principal ventaja de la cooperativa es la democracia interna: un socio, un voto, con independencia del capital. Los excedentes se reparten según el trabajo de cada socio y las cooperativas protegidas tienen ventajas fiscales.",
                "Ventajas de la cooperativa:\n\n- **Democracia**: un voto por socio, sin importar el capital.\n- **Excedentes**: se reparten según el trabajo o se reinvierten.\n- **Fiscalidad**: ventajas fiscales si es cooperativa protegida.",
            ],
            &[
                "Depende de lo que busques. Una sociedad limitada es más rápida de constituir, los bancos la conocen mejor y permite atraer inversores con participaciones, así que para crecer deprisa suele ser preferible.",
            ],
        ],
    ),
    (
        "How should I back up a SQLite database that is in use?",
        &[
            &[
                "Use SQLite's online backup API, or run `VACUUM INTO 'copy.db'`. Never copy the file while it is being written, because the WAL file would be missing. Check the copy with `PRAGMA integrity_check`.",
                "Don't copy the database file while it is in use: the WAL would be missing. Use the online backup API or `VACUUM INTO 'backup.db'` instead, then verify the backup with `PRAGMA integrity_check`.",
                "The safe ways are the online backup API (`.backup` in the shell) and `VACUUM INTO`. A plain file copy can miss the WAL and be corrupt. Afterwards run `PRAGMA integrity_check` on the copy.",
            ],
            &[
                "You can simply copy the database file with cp while the application runs; SQLite locks it for you and the WAL file does not matter. No check is needed.",
            ],
            &[
                "Stop the application first, then copy the database file and its WAL. That is the only safe backup; the online tools are slow.",
            ],
            &[
                "I would use Litestream: it replicates the WAL to object storage continuously, so you can restore the database to any point in time.",
            ],
        ],
    ),
    (
        "¿Debo usar REST o GraphQL para una API interna?",
        &[
            &[
                "Para una API interna usaría REST: es más simple, se cachea bien con HTTP y todo el equipo lo conoce. GraphQL compensa cuando muchos clientes piden datos distintos.",
                "REST suele bastar para una API interna. Es sencillo, aprovecha la caché de HTTP y el equipo ya lo conoce; GraphQL solo merece la pena si hay muchos clientes con necesidades de datos diferentes.",
            ],
            &[
                "Yo elegiría GraphQL: cada cliente pide justo los datos que necesita, hay un esquema tipado y evitas versiones de la API. REST obliga a muchas llamadas.",
                "GraphQL. Un único endpoint con esquema tipado permite que cada cliente pida solo los datos necesarios, sin versionar la API ni encadenar llamadas REST.",
            ],
        ],
    ),
    (
        "Explain why the sky is blue.",
        &[
            &[
                "The sky is blue because of Rayleigh scattering: air molecules scatter short wavelengths (blue) of sunlight far more strongly than long ones (red), so blue light reaches us from all directions.",
                "Sunlight contains all colours. When it passes through the atmosphere, molecules scatter shorter wavelengths more than longer wavelengths; this is called Rayleigh scattering. Our eyes are more sensitive to blue than violet, so the sky looks blue.",
            ],
            &["Because the oceans reflect their colour onto the atmosphere, and water is blue."],
        ],
    ),
];

#[test]
fn answers_that_say_the_same_are_one_group() {
    for (question, groups) in OPEN {
        let texts: Vec<&str> = groups.iter().flat_map(|group| group.iter().copied()).collect();
        let mut places = 0..;
        let expected: Vec<Vec<usize>> =
            groups.iter().map(|group| places.by_ref().take(group.len()).collect()).collect();
        let matrix = Matrix::of(question, &texts);
        assert_eq!(matrix.groups(), expected, "{question} {matrix:?}");
    }
}

#[test]
fn equal_texts_resemble_fully_and_strangers_not_at_all() {
    let matrix = Matrix::of("?", &["one two three", " one two three\n", "cuatro cinco seis", "", "!"]);
    let values: Vec<u32> = [(0, 1), (0, 2), (0, 3), (3, 3), (3, 4), (7, 0)].map(|(a, b)| matrix.get(a, b)).to_vec();
    assert_eq!(values, [FULL, 0, 0, FULL, 0, 0]);
}

#[test]
fn other_numbers_make_another_answer() {
    let text = |number| format!("The bridge has a total length of {number} metres, measured between its two towers.");
    let [short, long] = ["1280", "2737"].map(text);
    let with = Matrix::of("How long is it?", &[&short, &long]).get(0, 1);
    let without = Matrix::of("How long is it?", &[&text("many"), &text("few")]).get(0, 1);
    assert!(with < without && with < FULL * 3 / 4, "{with} {without}");
}

#[test]
fn scripts_without_spaces_are_compared() {
    let matrix =
        Matrix::of("東京について", &["東京は日本の首都です。", "日本の首都は東京です。", "大阪は食べ物で有名な街。"]);
    assert!(matrix.get(0, 1) > SAME && matrix.get(0, 2) < SAME, "{matrix:?}");
}

#[test]
fn a_chain_of_neighbours_is_not_one_answer() {
    // 0 and 1 are alike, 1 and 2 are alike, 0 and 2 are not: the most similar pair holds.
    let matrix =
        Matrix { size: 3, values: vec![FULL, 700_000, 100_000, 700_000, FULL, 600_000, 100_000, 600_000, FULL] };
    assert_eq!(matrix.groups(), [vec![0, 1], vec![2]]);
}

#[test]
fn what_only_one_says_is_found() {
    let winner = "Use the online backup API. Check the copy afterwards with an integrity check.";
    let other = "Use the online backup API.\n\n- Encrypt the copy with a passphrase before uploading it.\n- Check the copy with an integrity check.\n\nGood luck!";
    assert_eq!(
        passages_without_counterpart(other, winner),
        ["Encrypt the copy with a passphrase before uploading it."]
    );
    assert_eq!(passages_without_counterpart(winner, winner), [] as [&str; 0]);
}

#[test]
fn what_is_found_stays_short() {
    let many: String =
        (0..50).map(|n| format!("Sentence {n} about topic{n} with {} words{n}. ", "very ".repeat(80))).collect();
    let found = passages_without_counterpart(&many, "Nothing of the kind.");
    assert_eq!(found.iter().map(|each| each.chars().count() <= 240).collect::<Vec<_>>(), [true; 5]);
}

proptest! {
    #[test]
    fn resemblance_depends_on_no_order(texts in prop::collection::vec("[a-d ]{0,12}", 2..6)) {
        let forth: Vec<&str> = texts.iter().map(String::as_str).collect();
        let back: Vec<&str> = forth.iter().rev().copied().collect();
        let (one, other) = (Matrix::of("a b", &forth), Matrix::of("a b", &back));
        let last = forth.len() - 1;
        for a in 0..forth.len() {
            for b in 0..forth.len() {
                prop_assert_eq!(one.get(a, b), one.get(b, a));
                // Sums of floats in another order of documents are the same sums: features are added in their own order.
                prop_assert_eq!(one.get(a, b), other.get(last - a, last - b));
            }
        }
    }

    #[test]
    fn any_text_can_be_compared(a in "\\PC{0,60}", b in "\\PC{0,60}") {
        let matrix = Matrix::of(&b, &[&a, &b]);
        prop_assert!(matrix.get(0, 1) <= FULL);
        passages_without_counterpart(&a, &b);
    }
}
