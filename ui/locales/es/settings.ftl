### Ajustes: se guardan al instante; un valor que no sirve se explica junto a su campo.

settings-title = Ajustes
settings-close = Cerrar los ajustes
settings-sections = Secciones de los ajustes
settings-saved = Guardado
settings-saving = Guardando…
settings-not-saved = No se ha guardado

settings-profile = Perfil
settings-profile-lead = Dónde están los modelos.
settings-profile-active = En uso
settings-profile-edit = Editar
settings-profile-edit-named = Editar el perfil { $name }
settings-profile-copy = Copiar para editar
settings-profile-copy-named = Copiar para editar: { $name }
settings-profile-add = Añadir un perfil
settings-profile-switching = Cambiando de perfil…

settings-language = Idioma
settings-language-label = Idioma de la ventana
settings-language-system = El del sistema ({ $language })
settings-language-help = Los modelos responden en el idioma de tu pregunta.

settings-appearance = Apariencia
settings-theme = Colores
settings-theme-system = Como el sistema
settings-theme-light = Claros
settings-theme-dark = Oscuros
settings-type-size = Tamaño de letra
settings-type-size-value = { $percent } %
settings-type-size-reset = Tamaño normal
settings-type-size-sample = La capibara come hierba y sabe nadar.

settings-generation = Parámetros
settings-generation-lead = Vacío significa lo que diga el perfil; y si no dice nada, lo que decida el servidor.
settings-generation-model = Modelo
settings-generation-none = El perfil en uso no tiene modelos.
settings-temperature = Temperatura
settings-temperature-help = De 0 (constante) a 2 (variada).
settings-top-p = Top-p
settings-top-p-help = Mayor que 0 y hasta 1. Limita a las palabras más probables.
settings-max-tokens = Longitud máxima
settings-max-tokens-help = En tokens.
settings-seed = Semilla
settings-seed-help = Un número entero, para respuestas repetibles.
settings-stop = Textos de parada
settings-stop-help = La respuesta termina al llegar a uno de ellos.
settings-stop-new = Texto de parada nuevo
settings-stop-add = Añadir
settings-stop-remove-named = Quitar el texto de parada { $text }
settings-system-prompt = Instrucciones
settings-system-prompt-help = Lo que se dice al modelo antes de cada conversación.
settings-parameters-reset = Restablecer
settings-parameters-reset-named = Restablecer los parámetros de { $model }
settings-from-profile = { $value } (perfil)
settings-from-server = decide el servidor

settings-conversations = Conversaciones
settings-model-titles = Títulos escritos por un modelo
settings-model-titles-help = El modelo rápido pone título a cada conversación nueva. Si no, el título son las primeras palabras.
settings-notify = Avisar al terminar
settings-notify-help = Un aviso del sistema cuando una respuesta larga termina con la ventana en segundo plano.

settings-keys = Claves

settings-diagnostics = Diagnóstico
settings-diagnostics-lead = Versiones, perfil sin claves, estado de los modelos y últimas líneas del registro. Nada se envía: míralo, cópialo y decide tú.
settings-diagnostics-show = Ver el diagnóstico
settings-diagnostics-hide = Ocultar
settings-diagnostics-loading = Reuniendo el diagnóstico…
settings-diagnostics-copy = Copiar diagnóstico
settings-diagnostics-copied = Diagnóstico copiado
settings-diagnostics-preview = Texto del diagnóstico

settings-about = Acerca de
settings-about-open = Acerca de Capibara6
settings-shortcuts-open = Atajos de teclado
