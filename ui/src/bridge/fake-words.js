/**
 * What the in-memory host says. Every text here is scripted and shown as such; it exists so that each way of rendering and each
 * way of failing can be looked at without a server.
 */

/** @typedef {"es" | "en"} Language */

/**
 * @param {string} question
 * @returns {Language}
 */
export function languageOf(question) {
  return /[¿¡ñáéíóú]|\b(?:el|la|los|las|de|que|en|una?|por|para|con|escribe|haz|dame|tabla|código)\b/i.test(question)
    ? "es"
    : "en";
}

/** @type {Record<string, Record<Language, string>>} */
const ANSWERS = {
  plain: {
    es: "Una **cooperativa de trabajo** es una empresa cuyas dueñas son las personas que trabajan en ella. Cada persona socia tiene un voto, sin importar cuánto capital aportó. Los excedentes se reparten según el trabajo y una parte se reserva para la propia cooperativa.",
    en: "A **worker co-operative** is a company owned by the people who work in it. Each member has one vote, whatever capital they brought in. Surpluses are shared by work done, and a part stays in reserve for the co-operative itself.",
  },
  code: {
    es: 'Esta función comprueba un IBAN con el resto de la división entre 97:\n\n```python\ndef iban_valido(texto: str) -> bool:\n    """Devuelve True si el IBAN cumple ISO 7064 (mod 97-10)."""\n    limpio = texto.replace(" ", "").upper()\n    if not 15 <= len(limpio) <= 34 or not limpio.isalnum():\n        return False\n    girado = limpio[4:] + limpio[:4]\n    return int("".join(str(int(c, 36)) for c in girado)) % 97 == 1\n```\n\nY sus pruebas:\n\n```python\ndef test_iban():\n    assert iban_valido("ES91 2100 0418 4502 0005 1332")\n    assert not iban_valido("ES91 2100 0418 4502 0005 1333")\n```\n\n`int(c, 36)` convierte las letras en números de un golpe.',
    en: 'This function checks an IBAN by the remainder of a division by 97:\n\n```python\ndef is_iban(text: str) -> bool:\n    """True where the IBAN satisfies ISO 7064 (mod 97-10)."""\n    clean = text.replace(" ", "").upper()\n    if not 15 <= len(clean) <= 34 or not clean.isalnum():\n        return False\n    turned = clean[4:] + clean[:4]\n    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1\n```\n\nAnd its tests:\n\n```python\ndef test_iban():\n    assert is_iban("ES91 2100 0418 4502 0005 1332")\n    assert not is_iban("ES91 2100 0418 4502 0005 1333")\n```\n\n`int(c, 36)` turns letters into numbers in one go.',
  },
  table: {
    es: "| | Alquilar | Comprar |\n|---|---:|---:|\n| Inversión inicial | 0 € | 42 000 € |\n| Coste al mes | 2 900 € | 640 € |\n| Cuatro años | 139 200 € | 72 720 € |\n| Cambiar de tamaño | en minutos | en semanas |\n\nComprar compensa a partir del **mes 19**. Antes de decidir:\n\n- [x] Medir el uso real durante un mes\n- [x] Pedir precio de la electricidad\n- [ ] Decidir quién cuida de los servidores\n\n> Alquilar es pagar por no decidir todavía; a veces vale lo que cuesta.",
    en: "| | Renting | Buying |\n|---|---:|---:|\n| Up front | €0 | €42,000 |\n| Per month | €2,900 | €640 |\n| Four years | €139,200 | €72,720 |\n| Changing size | minutes | weeks |\n\nBuying pays from **month 19** on. Before deciding:\n\n- [x] Measure real use for a month\n- [x] Ask the price of electricity\n- [ ] Decide who looks after the servers\n\n> Renting is paying for not deciding yet; sometimes that is worth its price.",
  },
  math: {
    es: "La distancia sobre una esfera de radio $r$ se obtiene con la fórmula del haversine:\n\n$$\nd = 2r \\arcsin\\sqrt{\\sin^2\\frac{\\varphi_2-\\varphi_1}{2} + \\cos\\varphi_1\\cos\\varphi_2\\,\\sin^2\\frac{\\lambda_2-\\lambda_1}{2}}\n$$\n\nEl error de tomar la Tierra por esfera es menor que $0{,}56\\,\\%$. Un billete cuesta $4 y otro $5: eso no es una fórmula.",
    en: "The distance on a sphere of radius $r$ follows from the haversine formula:\n\n$$\nd = 2r \\arcsin\\sqrt{\\sin^2\\frac{\\varphi_2-\\varphi_1}{2} + \\cos\\varphi_1\\cos\\varphi_2\\,\\sin^2\\frac{\\lambda_2-\\lambda_1}{2}}\n$$\n\nTaking the Earth for a sphere costs less than $0.56\\,\\%$. One ticket is $4 and the other $5: that is no formula.",
  },
  link: {
    es: "La [documentación de vLLM](https://docs.vllm.ai/en/latest/) y [una dirección que engaña](https://gооgle.com/entrar). También <https://example.org> y [correo](mailto:hola@example.org).\n\n![Un mapa](https://example.org/mapa.png)",
    en: "The [vLLM documentation](https://docs.vllm.ai/en/latest/) and [an address that deceives](https://gооgle.com/login). Also <https://example.org> and [mail](mailto:hello@example.org).\n\n![A map](https://example.org/map.png)",
  },
};

const LONG = {
  es: ["Por qué votar", "Qué medir", "Dónde falla", "Cómo seguir"],
  en: ["Why vote", "What to measure", "Where it fails", "How to go on"],
};

const PARAGRAPH = {
  es: "Cuatro modelos que aprendieron de los mismos textos se equivocan a menudo a la vez. Por eso importa menos cuántos votan que cuán distintos son, y el desacuerdo entre ellos dice más que la media.",
  en: "Four models that learned from the same texts are often wrong together. So it matters less how many vote than how different they are, and the disagreement between them says more than the average.",
};

/**
 * @param {string} question
 * @param {Language} language
 * @returns {string}
 */
export function answerTo(question, language) {
  if (/\b(?:long|larg[ao])\b/i.test(question)) {
    return LONG[language]
      .map(
        (title, n) =>
          `## ${n + 1}. ${title}\n\n${Array(4).fill(PARAGRAPH[language]).join("\n\n")}\n\n- ${PARAGRAPH[language]}\n- ${PARAGRAPH[language]}`,
      )
      .join("\n\n");
  }
  const echo = /^(?:echo|repite):\s*([\s\S]*)$/i.exec(question);
  if (echo) return echo[1] ?? "";
  const kind =
    [
      ["code", /\b(?:code|código|python|función|function|iban)\b/i],
      ["table", /\b(?:table|tabla|compar\w+)\b/i],
      ["math", /\b(?:math|matemáticas?|fórmula|formula|distancia|distance)\b/i],
      ["link", /\b(?:links?|enlaces?)\b/i],
    ].find(([, words]) => /** @type {RegExp} */ (words).test(question))?.[0] ?? "plain";
  return ANSWERS[/** @type {string} */ (kind)]?.[language] ?? "";
}

/** @param {Language} language */
export function thoughtIn(language) {
  return language === "es"
    ? "La persona pregunta algo concreto. Conviene responder en su idioma, con pocas frases, y dar un ejemplo que pueda comprobar."
    : "The person asks something specific. It is best to answer in few sentences, with an example that can be checked.";
}

/**
 * Conversations that are there from the start, newest first.
 * @type {ReadonlyArray<{ daysAgo: number, title: string, pinned?: boolean, turns: ReadonlyArray<[question: string, kind: string]> }>}
 */
export const HISTORY = [
  {
    daysAgo: 0,
    title: "Distancia sobre la Tierra",
    turns: [["¿Qué fórmula da la distancia entre dos ciudades?", "math"]],
  },
  {
    daysAgo: 0,
    title: "Alquilar o comprar servidores",
    turns: [["Compara en una tabla alquilar y comprar servidores para 40 personas", "table"]],
  },
  {
    daysAgo: 1,
    title: "Validar un IBAN",
    turns: [
      ["Escribe una función en Python que valide un IBAN, con sus pruebas", "code"],
      ["¿Qué es una cooperativa de trabajo?", "plain"],
    ],
  },
  { daysAgo: 1, title: "Enlaces de la documentación", turns: [["Dame enlaces de la documentación", "link"]] },
  {
    daysAgo: 3,
    title: "Resumen del acta de la cooperativa y próximos pasos para el otoño",
    turns: [["¿Qué es una cooperativa?", "plain"]],
  },
  {
    daysAgo: 12,
    title: "What a co-operative is",
    pinned: true,
    turns: [["Explain in three sentences what a worker co-operative is", "plain"]],
  },
  { daysAgo: 45, title: "Manual de usuario", turns: [["Explica qué es una cooperativa", "plain"]] },
];
