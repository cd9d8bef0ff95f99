### La conversación: cabecera, estado de los modelos, mensajes, cuadro de escritura, selectores e inspector.

conversation-region = Conversación
conversation-untitled = Nueva conversación
conversation-loading = Abriendo la conversación…
conversation-earlier = Mostrar mensajes anteriores
conversation-earlier-loading = Cargando mensajes anteriores…
conversation-jump-end = Ir al final
conversation-messages = Mensajes

## Estado vacío: enseña con tres ejemplos de verdad

empty-title = ¿Por dónde empezamos?
empty-hint = Pregunta con tus palabras, o prueba con una de estas:
empty-example-fast = Resume en tres frases qué es una cooperativa de trabajo asociado
empty-example-code = Escribe una función en Python que valide un NIF, con sus pruebas
empty-example-complex = Compara alquilar y comprar servidores para 40 personas, con una tabla

## Estado de los modelos

health-label = Estado de los modelos
health-up = disponible
health-down = sin respuesta
health-degraded = con fallos
health-unknown = sin comprobar
health-since = desde { $time }
health-latency = contesta en { $ms } ms
health-latency-least = contesta en menos de 1 ms
health-scripted = con guion
health-refresh = Comprobar ahora
health-endpoint = { $model }: { $state }

insecure-warning = { $count ->
    [one] La conexión con { $models } no está cifrada y su dirección es pública: cualquiera en el camino puede leer lo que escribes.
   *[other] Las conexiones con { $models } no están cifradas y sus direcciones son públicas: cualquiera en el camino puede leer lo que escribes.
}
insecure-dismiss = Entendido

## Mensajes

message-you = Tú
message-by = Respuesta de { $model }
message-scripted = con guion
message-scripted-help = Estas palabras son un guion de la flota de prácticas: no las ha escrito ningún modelo.
message-status-streaming = Respondiendo…
message-status-waiting = Esperando la primera palabra…
message-status-complete = Respuesta completa
message-status-stopped = Detenida por ti
message-status-interrupted = Interrumpida: el programa se cerró mientras se escribía
message-status-failed = Sin terminar por un error
message-status-length = Cortada al llegar a la longitud máxima
message-empty = El modelo ha terminado sin escribir nada.
message-reasoning = Razonamiento
message-reasoning-streaming = Razonando…
message-versions = Versiones de este mensaje
message-version = { $index } de { $count }
message-branch-prev = Versión anterior
message-branch-next = Versión siguiente
message-copy = Copiar
message-copied = Copiado
message-regenerate = Responder de nuevo
message-edit = Editar la pregunta
message-continue = Continuar
message-retry = Intentar de nuevo
message-actions = Acciones del mensaje
message-omitted = { $messages ->
    [one] Para que quepa en el contexto de { $context } tokens se ha dejado fuera { $messages } mensaje antiguo ({ $tokens } tokens).
   *[other] Para que quepa en el contexto de { $context } tokens se han dejado fuera los { $messages } mensajes más antiguos ({ $tokens } tokens).
}
message-omitted-estimated = { $messages ->
    [one] Para que quepa en el contexto de { $context } tokens se ha dejado fuera { $messages } mensaje antiguo (unos { $tokens } tokens).
   *[other] Para que quepa en el contexto de { $context } tokens se han dejado fuera los { $messages } mensajes más antiguos (unos { $tokens } tokens).
}
edit-label = Editar la pregunta
edit-hint = La pregunta anterior y su respuesta se conservan como otra versión.
edit-save = Preguntar de nuevo
edit-cancel = Cancelar

code-language = Código en { $language }
code-plain = texto
code-copy = Copiar
code-copied = Copiado
image-blocked = Imagen no cargada: { $alt }
image-blocked-help = Las imágenes remotas no se cargan solas: hacerlo avisaría a su servidor.
table-label = Tabla

## Por qué este modelo

routing-pinned = lo has elegido tú
routing-code-text = la pregunta contiene código
routing-code-words = la pregunta es de programación
routing-creative-words = la pregunta pide escribir algo
routing-complex-words = la pregunta pide razonar o comparar
routing-long-question = la pregunta es larga
routing-short-question = la pregunta es corta
routing-otherwise = ninguna regla más concreta encaja
routing-member = se le preguntó junto con otros
routing-synthesis = escribe una respuesta a partir de las de los demás
routing-fallback = en lugar de { $model }: { $reason }

tier-fast = rápido
tier-code = código
tier-complex = complejo
tier-creative = creativo

## Métricas (solo lo medido; lo que el servidor no dice, no aparece)

metrics-label = Medidas de la respuesta
metrics-model = Modelo
metrics-why = Por qué
metrics-tier = Categoría
metrics-ttft = Primera palabra
metrics-duration = Duración
metrics-speed = Velocidad
metrics-tokens = Tokens
metrics-finish = Fin
metrics-status = Estado
metrics-ms = { $value } ms
metrics-seconds = { $value } s
metrics-tokens-per-second = { $value } tok/s
metrics-tokens-both = { $prompt } + { $completion }
metrics-tokens-help = { $prompt } de la petición, { $completion } de la respuesta
metrics-not-reported = no lo dice el servidor
finish-stop = completa
finish-length = longitud máxima
finish-tool-calls = pide una herramienta
finish-content-filter = filtro de contenido
finish-other = otro motivo

inspector-title = Esta respuesta
inspector-empty = Elige una respuesta para ver qué modelo la escribió, por qué y a qué velocidad.
inspector-open = Mostrar el inspector
inspector-close = Cerrar el inspector

## Cuadro de escritura

composer-label = Tu pregunta
composer-placeholder = Pregunta lo que quieras…
composer-hint = Intro envía, Mayús + Intro pasa de línea
composer-send = Enviar
composer-stop = Detener

mode-label = Modo
mode-auto = Automático
mode-auto-help = Elige el modelo según la pregunta y dice por qué
mode-single = Un modelo
mode-single-help = Responde siempre el modelo que elijas
mode-consensus = Consenso
model-label = Modelo
model-auto = Según la pregunta
model-choose = Elige un modelo

## La puerta de los enlaces

link-door-title = ¿Abrir este enlace?
link-door-host = Lleva a { $host }
link-door-mail = Escribe un correo a { $address }
link-door-insecure = Esta dirección no está cifrada.
link-door-homograph = Ojo: el nombre mezcla alfabetos y puede imitar a otro. Su forma exacta es { $ascii }.
link-door-open = Abrir en el navegador
link-door-copy = Copiar la dirección
link-door-cancel = Cancelar
