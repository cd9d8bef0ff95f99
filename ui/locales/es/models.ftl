### Los modelos en uso: cuánto se usó cada uno, cuánto coincidieron, lo rápidos que fueron.

models-title = Modelos en uso
models-lead = Solo lo que se midió, también en conversaciones importadas. Las respuestas con guion de la flota de prácticas no se cuentan.
models-period = Periodo
models-period-day = Hoy
models-period-week = 7 días
models-period-month = 30 días
models-now = Ahora
models-share = Uso por modelo
models-tiers = Uso por categoría
models-agreement = Cuánto coincidieron
models-history = Velocidad a lo largo del tiempo
models-none = Nada medido en este periodo.
models-none-help = Pregunta algo con una flota propia: aquí se contarán respuestas, tiempos y votos.
models-agreement-none = Aún no se ha hecho ninguna pregunta a varios modelos. Elige el modo «Consenso», o «Preguntar a los demás» bajo una respuesta.
models-answers = { $count ->
    [one] una respuesta
   *[other] { $count } respuestas
}
models-failed = { $count ->
    [one] una fallida
   *[other] { $count } fallidas
}
models-tokens = { $count ->
    [one] un token
   *[other] { $count } tokens
}
models-chosen = elegido en { $chosen } de { $voted } votos
models-runs = { $count ->
    [one] una pregunta
   *[other] { $count } preguntas
}
models-upheld = Mantuviste la respuesta elegida en { $upheld } de { $judged }.
models-ttft = Primera palabra
models-speed = Velocidad
models-range = de { $least } a { $most }, la última { $last }
models-chart = { $label }: { $model }, { $range }
models-bar = { $label }: { $share }
models-use-today = Uso de hoy
models-more = Todo sobre los modelos
models-writing = escribiendo ahora
models-metrics-last = última medida: { $figures }
models-last-none = nada medido en este periodo
inspector-consensus = Consenso
shortcut-models = Modelos en uso
shortcut-plan = Preguntar a varios modelos…
