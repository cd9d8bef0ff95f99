//! The words of the rules, Spanish and English together, folded as [`super`] folds questions: lower case, no accents.
//! A phrase is words separated by one space. Inflected forms stand here one by one: a word list can be read and argued
//! about, a stemmer cannot. Words with a common second meaning are listed only inside a phrase that excludes it.

/// Phrases that hold a programming word but mean something else.
pub const NOT_CODE: &[&str] = &[
    "area code", "code of conduct", "codigo civil", "codigo de barras", "codigo de conducta", "codigo de circulacion",
    "codigo de vestimenta", "codigo genetico", "codigo morse", "codigo penal", "codigo postal", "codigos postales",
    "country code", "dress code", "genetic code", "guion de cine", "isla de java", "island of java", "morse code",
    "penal code", "postal code", "promo code", "qr code", "codigo qr", "zip code", "codigo de descuento", "discount code",
    "python snake", "serpiente python", "monty python",
];

/// The question speaks of programming.
pub const CODE: &[&str] = &[
    // languages, formats, tools
    "ansible", "api", "apis", "assembly code", "bash", "c#", "c++", "cmake", "css", "csv", "dataframe", "django", "docker",
    "dockerfile", "fastapi", "flask app", "git", "github", "gitlab", "golang", "gradle", "graphql", "haskell", "html",
    "http", "java", "javascript", "jquery", "json", "jsonpath", "kotlin", "kubernetes", "laravel", "linux kernel", "lua",
    "makefile", "mongodb", "mysql", "next.js", "nginx", "node.js", "nodejs", "npm", "numpy", "php", "postgres",
    "postgresql", "powershell", "pytest", "python", "pytorch", "react component", "react hook", "react hooks", "reactjs",
    "componente de react", "regex", "regexp", "rest api", "ruby", "rust", "scala", "shell script", "sql", "sqlite", "svelte",
    "swiftui", "tensorflow", "terraform", "toml", "typescript", "vue.js", "vuejs", "webpack", "xml", "yaml",
    "con pandas", "de pandas", "en pandas", "in pandas", "with pandas", "pandas dataframe",
    // English
    "algorithm", "algorithms", "backend", "bug in", "bugs in", "code", "codebase", "coding", "compile", "compiler",
    "compiles", "compile error", "data structure", "data structures", "debug", "debugging", "endpoint", "fix this bug",
    "frontend", "function that", "linked list", "memory leak", "merge conflict", "null pointer", "nullpointerexception",
    "off by one", "program that", "programmer", "programming", "pull request", "race condition", "recursive function",
    "refactor", "refactoring", "regular expression", "regular expressions", "runtime error", "script", "scripts",
    "segfault", "segmentation fault", "source code", "stack overflow", "stack trace", "stacktrace", "syntax error",
    "this function", "type error", "unit test", "unit tests", "web app", "web scraper", "write a function",
    "write a program", "write a class",
    // Spanish
    "algoritmo", "algoritmos", "base de datos", "bases de datos", "bug", "bugs", "clase abstracta", "codigo",
    "codigo fuente", "compila", "compilacion", "compilador", "compilar", "condicion de carrera", "depura", "depurar",
    "error de compilacion", "error de sintaxis", "escribe una clase", "escribe una funcion", "escribe un programa",
    "esta funcion devuelve", "estructura de datos", "estructuras de datos", "expresion regular", "expresiones regulares",
    "fuga de memoria", "funcion que", "funcion recursiva", "hacer una funcion", "lista enlazada", "programa en",
    "programacion", "programador", "programadora", "programar", "programa que", "prueba unitaria", "pruebas unitarias",
    "puntero nulo", "refactoriza", "refactorizar", "test unitario", "tests unitarios", "traza de error", "una funcion en",
];

/// The question asks for a story, a poem, a tone.
pub const CREATIVE: &[&str] = &[
    // English
    "a story about", "a tale about", "acrostic", "bedtime story", "birthday card", "brainstorm", "brainstorming", "fairy tale",
    "fable", "fanfic", "fiction", "friendlier tone", "haiku", "haikus", "imagine", "invent a", "limerick", "love letter",
    "lyrics", "make it funnier", "make it rhyme", "make up a", "metaphors for", "more formal tone", "name ideas", "names for",
    "opening paragraph of a novel", "pitch for", "poem", "poems", "poetry", "product description", "rap about",
    "rewrite this in", "rhyme", "rhymes", "rhyming", "role play", "roleplay", "screenplay", "short story", "slogan", "slogans",
    "song about", "sonnet", "sonnets", "tagline", "taglines", "tell me a story", "the tone of", "toast for", "tone of this",
    "verses", "wedding speech", "write a novel", "write a scene", "write a song", "write a speech", "write a story",
    "write me a story",
    // Spanish
    "acrostico", "adivinanza", "adivinanzas", "brindis para", "cancion sobre", "carta de amor", "cuento", "cuentos",
    "describe una escena", "descripcion de producto", "discurso de boda", "escribe una cancion", "escribe una escena",
    "escribe una historia", "escribe un discurso", "escribe un guion", "escribeme una historia", "eslogan", "esloganes",
    "fabula", "fabulas", "felicitacion de", "ficcion", "historia de amor", "historia de fantasmas", "historia de terror",
    "ideas de nombres", "imagina", "imaginate", "inventa", "inventate", "juego de rol", "lema para", "letra de una cancion",
    "letra para una cancion", "lluvia de ideas", "metaforas para", "microrrelato", "microrrelatos", "nombres originales",
    "nombres para", "novela", "cuentame una historia", "poema", "poemas", "poesia", "poesias", "relato", "relatos", "rima",
    "rimas", "rimen", "soneto", "sonetos", "tono formal", "tono mas", "tono amable", "tono cercano", "tono divertido",
    "un tono", "una historia corta", "una historia sobre", "versos", "villancico",
];

/// The question asks for reasoning, comparison or mathematics.
pub const COMPLEX: &[&str] = &[
    // English
    "advantages and disadvantages", "analyse", "analysis", "analyze", "argue", "argument against", "argument for",
    "arguments", "assess", "business plan", "calculate", "case study", "causes of", "compare", "compared", "comparison",
    "consequences", "contrast", "critically", "critique", "deduce", "derivative", "derive", "design a", "difference between",
    "differences between", "dilemma", "equation", "equations", "evaluate", "evaluation", "explain in detail", "explain why",
    "hypothesis", "implications", "in depth", "in detail", "integral", "justify", "logic puzzle", "mathematics", "optimize",
    "optimise", "pros and cons", "probability", "proof", "prove", "reason through", "reasoning", "research", "risks of",
    "roadmap", "root cause", "solve", "step by step", "strategies", "strategy", "summarise the arguments",
    "summarize the arguments", "theorem", "trade off", "trade offs", "tradeoff", "tradeoffs", "versus", "vs", "weigh",
    // Spanish
    "a fondo", "analice", "analisis", "analiza", "analizame", "analizar", "argumenta", "argumentos", "calcula", "calcular",
    "causas de", "causas del", "compara", "comparacion", "comparame", "comparar", "comparativa", "consecuencias",
    "contrasta", "critica razonada", "deducir", "demostracion", "demostrar", "demuestra", "derivada",
    "desventajas", "detalladamente", "diferencia entre", "diferencia hay entre", "diferencias entre", "diferencias hay entre",
    "dilema", "disena un", "disena una", "ecuacion", "ecuaciones", "en detalle", "en profundidad", "estrategia",
    "estrategias", "estudio de caso", "evalua", "evaluacion", "evaluar", "explica por que", "explicame por que",
    "hipotesis", "hoja de ruta", "implicaciones", "inconvenientes", "investiga", "justifica", "matematicas", "optimiza",
    "paso a paso", "plan de negocio", "plan detallado", "planifica", "planificacion", "planificar", "probabilidad",
    "pros y contras", "que es mejor", "razona", "razonamiento", "razonar", "resuelve", "resolver", "riesgos de", "sopesa",
    "teorema", "ventajas",
];
