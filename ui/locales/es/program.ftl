### El programa en sí, fuera de la ventana: línea de órdenes y lo que puede fallar antes de que haya ventana.

program-about = Capibara6, el cliente de escritorio de la plataforma privada de IA Capibara6.
program-usage =
    capibara6                           abre la ventana, o trae al frente la que ya está abierta
      capibara6 ORDEN [OPCIÓN…]           trabaja con el historial sin ventana
program-heading-usage = Uso:
program-heading-commands = Órdenes:
program-heading-arguments = Argumentos:
program-heading-options = Opciones:
program-help-end =
    CAPIBARA6_HOME      el directorio de datos: historial, perfiles, registros
    CAPIBARA6_PROFILE   el perfil que se usará directamente
    CAPIBARA6_LOG       cuánto se registra: error, warn, info, debug o trace

    Una orden termina con 0 si se hizo todo, 1 si falló, 2 si la línea de órdenes está mal,
    3 si algo quedó fuera, 4 si no había nada que encontrar o hacer.
program-option-help = Muestra este texto
program-option-version = Muestra la versión
program-option-account = La cuenta cuyo historial se usa; sin ella, el que hay cuando nadie ha iniciado sesión
program-option-json = Escribe el resultado como JSON
program-option-quiet = No muestra el progreso
program-option-passphrase-stdin = Lee la frase de recuperación de un historial cifrado en la primera línea de la entrada estándar; sin ella, la clave viene del almacén de claves del sistema

program-import = Trae conversaciones: exportaciones de Capibara6, de su antigua página web, de ChatGPT, Claude y Open WebUI.
program-import-usage = capibara6 import [OPCIÓN…] ARCHIVO…
program-import-files = Los archivos; lo que contienen se reconoce por su contenido. Lo que ya está no se trae dos veces
program-export = Escribe conversaciones en archivos.
program-export-usage = capibara6 export [OPCIÓN…] --out CARPETA
program-export-format = json (todo; se puede importar de nuevo), markdown o html; json si no se indica
program-export-out = La carpeta en la que se escribe; se crea si no existe
program-search = Busca palabras en todas las conversaciones.
program-search-usage = capibara6 search [OPCIÓN…] TEXTO
program-search-text = Lo que se busca; vale cualquier texto
program-search-limit = Cuántos resultados como máximo; 20 si no se indica
program-backup = Copia todo el historial, lee la copia de principio a fin y la guarda con las demás.
program-backup-usage = capibara6 backup [OPCIÓN…]
program-backup-list = Mostrar la lista de copias: nombre, bytes, conversaciones, mensajes, estado
program-verify = Lee el historial y todas sus copias de principio a fin.
program-verify-usage = capibara6 verify [OPCIÓN…]

program-unknown-argument = capibara6: argumento desconocido «{ $argument }». Pruebe capibara6 --help.
program-missing-argument = capibara6: falta { $argument }. Pruebe capibara6 --help.
program-missing-value = capibara6: { $argument } necesita un valor. Pruebe capibara6 --help.
program-wrong-value = capibara6: { $argument } no puede ser «{ $value }». Pruebe capibara6 --help.
program-argument-twice = capibara6: { $argument } no va con lo demás. Pruebe capibara6 --help.
program-wrong-line = capibara6: no se entiende esta línea de órdenes. Pruebe capibara6 --help.
program-no-command = capibara6: estas opciones pertenecen a una orden. Pruebe capibara6 --help.
program-error = capibara6: { $message }
program-error-detail = capibara6: { $message } ({ $detail })
program-failed = capibara6: no se pudo abrir la ventana: { $error }
program-taken = capibara6: otro arranque del programa está usando el directorio de datos { $home }.
program-history-locked = el historial está cifrado, y el almacén de claves del sistema no da su clave. No se ha tocado nada. Abra el almacén, o indique la frase de recuperación con --passphrase-stdin.
program-wrong-passphrase = esa no es la frase de recuperación de este historial. No se ha tocado nada.
program-recovery-damaged = el archivo de recuperación junto al historial (capibara6.db-recovery) no se puede leer. No se ha tocado nada. Repóngalo desde una copia de la carpeta de datos, o abra el almacén de claves.
program-homeless = capibara6: el sistema no indica ningún directorio de datos. Defina CAPIBARA6_HOME.

## La última página en el navegador al iniciar sesión

sign-in-page-done = Ya está: vuelve a Capibara6
sign-in-page-done-text = Puedes cerrar esta pestaña. Capibara6 te pregunta si eres tú antes de guardar nada.
sign-in-page-failed = No se ha podido iniciar sesión
sign-in-page-failed-text = Vuelve a Capibara6: allí pone qué ha pasado. Puedes cerrar esta pestaña.

program-progress-export = { $total ->
    [none] { NUMBER($done) } conversaciones escritas
   *[known] { NUMBER($done) } de { $of } conversaciones escritas
}
program-progress-import = { NUMBER($percent) } % leído, { NUMBER($done) } { $done ->
    [one] conversación
   *[other] conversaciones
}
program-exported = { $conversations ->
    [one] Una conversación escrita en { $path }.
   *[other] { NUMBER($conversations) } conversaciones escritas en { $path }.
}
program-imported = Conversaciones nuevas: { NUMBER($conversations) }. Mensajes nuevos: { NUMBER($messages) }. Continuadas: { NUMBER($grown) }. Ya estaban: { NUMBER($known) }.
program-skipped = { $count ->
    [one] Algo quedó fuera:
   *[other] { NUMBER($count) } cosas quedaron fuera:
}
program-skipped-more = … y { NUMBER($count) } más.
program-progress-copying = { NUMBER($percent) } % copiado
program-progress-verifying = Leyendo la copia…
program-progress-restoring = { NUMBER($percent) } % repuesto
program-progress-salvaging = { NUMBER($percent) } % salvado
program-backed-up = { $messages ->
    [one] Un mensaje copiado en { $path }.
   *[other] { NUMBER($messages) } mensajes copiados en { $path }.
}
program-verified = El historial está entero: { $path }
program-verify-damaged = El historial está dañado: { $path } ({ $detail })
program-verified-backups = { $backups ->
    [0] No hay copias.
    [one] Una copia, entera.
   *[other] { NUMBER($backups) } copias, todas enteras.
}
program-verify-damaged-backups = { NUMBER($damaged) } de { NUMBER($backups) } copias no son fiables.
program-interrupted = Terminado antes del final. Lo hecho hasta entonces se conserva.
program-nothing-exported = No hay conversaciones que escribir.
program-out-unusable = capibara6: no se puede escribir en { $path }. ({ $detail })
program-nothing-found = Nada encontrado para «{ $text }».
program-search-pending = { $count ->
    [one] El índice aún no está completo: por ahora no se encuentra { NUMBER($count) } mensaje.
   *[other] El índice aún no está completo: por ahora no se encuentran { NUMBER($count) } mensajes.
}
program-accounts = Cuentas con historial aquí: { $accounts }

program-skip-unreadable = el archivo no se puede leer
program-skip-unknown-format = el archivo no es de ningún tipo conocido
program-skip-newer = el archivo es de una versión más nueva
program-skip-truncated = el archivo termina a la mitad
program-skip-syntax = dañado
program-skip-shape = no es una conversación
program-skip-too-large = demasiado grande
program-skip-empty = sin mensajes
program-skip-message = mensajes sin lugar
program-skip-run = una consulta a varios modelos que no se entiende
program-skip-content = nombrado en el texto, contenido no traído
