### Primer arranque, formulario de perfil, prueba de conexión y claves.

onboarding-title = ¿Dónde están tus modelos?
onboarding-lead = Elige un perfil: dice qué modelos hay y en qué direcciones. Hasta que lo elijas, Capibara6 no contacta con nadie.
onboarding-profiles = Perfiles disponibles
onboarding-practice = Sin servidores, para practicar
onboarding-scan = Servidores de este ordenador
onboarding-scan-lead = ¿Tienes vLLM, Ollama, LM Studio u otro servidor en marcha aquí? Solo se mira en este ordenador, y solo cuando lo pides.
onboarding-scan-ports = Puertos { $ports }
onboarding-scan-start = Buscar servidores
onboarding-scan-again = Buscar de nuevo
onboarding-scan-running = Buscando en este ordenador…
onboarding-scan-none = No se ha encontrado ningún servidor en marcha.
onboarding-scan-none-help = Arranca tu servidor y busca de nuevo, o añade su dirección a mano.
onboarding-scan-found = { $count ->
    [one] Se ha encontrado { $count } servidor.
   *[other] Se han encontrado { $count } servidores.
}
onboarding-scan-use = Crear un perfil
onboarding-scan-use-all = Crear un perfil con todos
onboarding-scan-use-named = Crear un perfil con { $server }
onboarding-scan-profile-name = Este ordenador
onboarding-add = Servidores de otra máquina
onboarding-add-lead = Escribe las direcciones de tu flota y prueba la conexión antes de guardar.
onboarding-add-start = Añadir un perfil
onboarding-language = Idioma
onboarding-choosing = Preparando { $name }…

profile-use = Usar este perfil
profile-practice = Flota de prácticas
profile-use-named = Usar este perfil: { $name }
profile-origin-file = Tuyo
profile-origin-example = Ejemplo incluido
profile-origin-practice = Respuestas con guion
profile-origin-file-help = Está en tu carpeta de datos; puedes editarlo.
profile-origin-example-help = Viene con el programa. No se contacta con sus direcciones hasta que lo elijas.
profile-origin-practice-help = Cuatro servidores pequeños dentro de este ordenador, con respuestas escritas de antemano. No hay ningún modelo detrás, y se dice en cada mensaje.
profile-broken = No se puede usar todavía

server-vllm = vLLM
server-capibara6 = Capibara6
server-ollama = Ollama
server-openai-compatible = Compatible con OpenAI
server-models = { $count ->
    [0] Sin modelos cargados
    [one] { $count } modelo
   *[other] { $count } modelos
}

## Formulario

form-title-new = Nuevo perfil
form-title-edit = Editar el perfil
form-title-copy = Copia de un ejemplo
form-lead = Se guarda como un fichero en tu carpeta de datos, sin claves.
form-loading = Leyendo el perfil…
form-back = Volver
form-name = Nombre del perfil
form-name-placeholder = Mi flota
form-models = Modelos
form-models-help = El orden cuenta: si un modelo no puede responder, se busca el siguiente.
form-model = Modelo { $position }
form-model-named = Modelo { $position }: { $name }
form-model-add = Añadir un modelo
form-model-remove-named = Quitar { $name }
form-model-removed = Se ha quitado { $name }.
form-model-up-named = Subir { $name }
form-model-down-named = Bajar { $name }
form-model-moved = { $name } está ahora en la posición { $position } de { $count }.
form-id = Identificador
form-id-help = El nombre con que lo ofrece el servidor.
form-label = Nombre visible
form-label-help = Si se deja vacío, se muestra el identificador.
form-url = Dirección
form-url-help = Hasta /v1 incluido.
form-tier = Mejor en
form-tier-fast = Respuestas rápidas
form-tier-code = Código
form-tier-complex = Razonamiento
form-tier-creative = Escritura
form-weight = Peso del voto
form-weight-help = Cuánto cuenta en un consenso; mayor que 0.
form-context = Contexto
form-context-help = En tokens. Vacío: se pregunta al servidor.
form-temperature = Temperatura
form-temperature-help = De 0 a 2. Vacío: la del servidor.
form-max-tokens = Longitud máxima
form-max-tokens-help = En tokens. Vacío: la del servidor.
form-more = Contexto, peso y parámetros
form-network = Red
form-network-summary = Autoridad propia, proxy y plazos
form-ca-file = Certificado de tu autoridad
form-ca-file-help = Fichero PEM; la ruta puede ser relativa a la carpeta de perfiles.
form-proxy = Proxy
form-proxy-help = Para todo lo que no esté en este ordenador.
form-connect-timeout = Plazo para conectar
form-first-token-timeout = Plazo para la primera palabra
form-idle-timeout = Silencio máximo
form-seconds = segundos
form-services = Otros servicios
form-services-summary = Direcciones de los servicios que tenga tu flota
form-services-help = Opcionales: si falta un servicio, su función no aparece, y lo demás sigue igual.
service-auth = Acceso
service-consensus = Consenso
service-backend = Pasarela
service-tts = Voz
service-mcp = Herramientas (MCP)
service-rag = Conocimiento
service-n8n = Automatización (n8n)
form-oidc-kept = El acceso OpenID Connect de este perfil ({ $issuer }) se conserva tal cual.
form-test = Probar la conexión
form-test-running = Probando…
form-test-lead = Solo mira qué modelos ofrece cada dirección.
form-test-ok = { $label } responde en { $ms } ms
form-test-serves = Ofrece { $models }
form-test-pick = El servidor ofrece:
form-test-pick-named = Usar { $model } como identificador
form-test-serves-none = No ofrece ningún modelo
form-test-summary = { $ok } de { $count } responden.
form-test-stale = Has cambiado el perfil después de esta prueba.

## Qué hacer cuando una dirección no pasa la prueba (aquí no hay ninguna conversación en juego)

test-help-unreachable = La dirección no responde desde esta red. Comprueba que está bien escrita, y la conexión o la VPN.
test-help-refused = El equipo está ahí, pero nada escucha en ese puerto. Arranca el servidor o corrige el puerto.
test-help-timeout = La conexión no llegó a tiempo. Comprueba la dirección, o amplía el plazo en la sección Red.
test-help-tls = El certificado no es de confianza o no corresponde a la dirección. Si tu organización usa una autoridad propia, añade su certificado en la sección Red.
test-help-unauthorised = El servidor está, pero pide una clave o no admite la que hay. Guarda el perfil, ponlo en uso y escribe la clave en su sección.
test-help-busy = El servidor está, pero ahora no atiende más peticiones. Prueba de nuevo en un momento.
test-help-model-not-found = El servidor está, pero no ofrece un modelo con ese identificador.
test-help-server = El servidor ha contestado con un fallo suyo. Los detalles dicen cuál.
test-help-protocol = Lo que contesta no es un servidor de modelos. Comprueba que la dirección acaba en /v1.
test-help-insecure-transport = La clave no se envía sin cifrar fuera de tu red privada. Usa una dirección https.
test-help-other = Los detalles dicen qué ha ocurrido. Corrige la dirección o prueba de nuevo.
form-save = Guardar perfil
form-save-use = Guardar y usar
form-saving = Guardando…
form-delete = Eliminar perfil
form-delete-title = ¿Eliminar el perfil «{ $name }»?
form-delete-help = Se borra su fichero. Tus conversaciones no cambian. No se puede deshacer.
form-delete-active = Es el perfil en uso: elige otro antes de eliminarlo.
form-delete-refused = Este fichero está fuera de tu carpeta de datos: lo ha indicado quien instaló el programa, así que no se borra desde aquí.
form-delete-confirm = Eliminar el perfil
form-discard-title = ¿Salir sin guardar?
form-discard-help = Los cambios de este perfil se perderán.
form-discard-confirm = Salir sin guardar
form-discard-stay = Seguir editando
form-errors = { $count ->
    [one] Hay { $count } campo por corregir.
   *[other] Hay { $count } campos por corregir.
}

field-required = Hay que rellenar este campo.
field-url = Escribe una dirección http o https completa, como http://127.0.0.1:8000/v1.
field-url-credentials = No pongas usuario ni contraseña en la dirección; las claves se guardan aparte.
field-url-extra = La dirección no lleva consulta (?) ni fragmento (#).
field-proxy = Escribe una dirección completa con http, https, socks5 o socks5h, como http://127.0.0.1:3128.
field-too-long = Admite hasta { $max } caracteres.
field-too-many = Admite hasta { $max }.
field-duplicate = Otro modelo de este perfil ya tiene ese identificador.
field-number = Escribe un número.
field-integer = Escribe un número entero.
field-range = Tiene que estar entre { $min } y { $max }.
field-positive = Tiene que ser mayor que 0.
field-at-least = Tiene que ser { $min } o más.
field-models = El perfil necesita al menos un modelo.
field-rejected = Este valor no se admite.

## Claves

keys-title = Claves de API
keys-lead = Cada clave se guarda donde todos los secretos (véase Cuenta y secretos) y nunca vuelve a mostrarse.
keys-loading = Preguntando al almacén de claves…
keys-none = El perfil en uso no tiene modelos.
keys-practice = La flota de prácticas no necesita claves.
keys-present = Guardada
keys-absent = Sin clave
keys-input = Clave de { $model }
keys-input-new = Clave nueva para { $model }
keys-placeholder = Pega la clave
keys-set = Guardar
keys-set-named = Guardar la clave de { $model }
keys-add = Añadir clave
keys-add-named = Añadir clave para { $model }
keys-change = Cambiar
keys-change-named = Cambiar la clave de { $model }
keys-clear = Quitar
keys-clear-named = Quitar la clave de { $model }
keys-cancel = Cancelar
keys-saved = La clave de { $model } está guardada.
keys-cleared = La clave de { $model } ya no está guardada.
keys-insecure = La conexión con { $models } no está cifrada y sale de tu red privada: por ella no se envía ninguna clave.
keys-form-active = Para guardar claves, guarda el perfil y ponlo en uso.
