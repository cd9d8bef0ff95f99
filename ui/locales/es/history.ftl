### El historial: búsqueda, proyectos, archivo y papelera, lo que se hace con varias conversaciones, exportar, importar, copias de seguridad.

## Búsqueda

search-results = Resultados
search-busy = Buscando…
search-count = { $count ->
    [0] Sin resultados
    [one] { $count } resultado
   *[other] { $count } resultados
}
search-count-more = { $count ->
    [one] { $count } resultado y más
   *[other] { $count } resultados y más
}
search-none = Nada de lo dicho contiene «{ $query }».
search-none-help = Todas las palabras deben estar en el mismo mensaje. Prueba con menos, o solo con el principio de una.
search-none-filtered = Con estos filtros no hay nada que contenga «{ $query }». Quita alguno para ver más.
search-more = Buscar más atrás
search-more-here = { $count ->
    [one] { $count } más en esta conversación
   *[other] { $count } más en esta conversación
}
search-searched-to = Se ha mirado todo hasta el { $date }.
search-building = { $count ->
    [one] { $count } mensaje aún no se puede encontrar: se está creando el índice.
   *[other] { $count } mensajes aún no se pueden encontrar: se está creando el índice.
}
search-filters = Filtros
search-filters-clear = Quitar filtros
filter-date = Cuándo
filter-date-any = Cualquier fecha
filter-date-week = Últimos 7 días
filter-date-month = Último mes
filter-date-year = Último año
filter-role = Quién lo dijo
filter-role-any = Cualquiera
filter-role-user = Tú
filter-role-assistant = Un modelo
filter-model = Modelo
filter-model-any = Cualquier modelo
filter-project = Proyecto
filter-project-any = Cualquier proyecto
filter-pinned = Fijadas
filter-code = Con código
filter-archive = Archivo
filter-archive-include = También el archivo
filter-archive-exclude = Sin el archivo
filter-archive-only = Solo el archivo

## Proyectos, archivo y papelera

projects-title = Proyectos
projects-back = Todas las conversaciones
project-add = Nuevo proyecto
project-count = { $count ->
    [one] conversación
   *[other] conversaciones
}
project-menu = Acciones del proyecto «{ $name }»
project-name-label = Nombre del proyecto
project-name-empty = El nombre no puede quedar vacío.
project-name-long = El nombre admite hasta { $max } caracteres.
project-rename = Cambiar el nombre
project-delete = Eliminar el proyecto
project-created = Se ha creado el proyecto «{ $name }».
project-empty = Este proyecto está vacío. Arrastra conversaciones hasta él, o usa «Mover a un proyecto» en su menú.
archive-title = Archivo
archive-empty = Lo que archivas sale de la lista y se guarda aquí. La búsqueda lo sigue encontrando.
trash-title = Papelera
trash-empty = La papelera está vacía.
trash-help = Las conversaciones eliminadas siguen aquí hasta que las elimines del todo.
drag-many = { $count ->
    [one] { $count } conversación
   *[other] { $count } conversaciones
}

## Lo que se puede hacer con conversaciones

item-select = Seleccionar «{ $title }»
item-select-more = Seleccionar varias
item-move = Mover a un proyecto
item-archive = Archivar
item-unarchive = Sacar del archivo
item-duplicate = Duplicar
# Stands in brackets behind the title of a copy: «Quesos (copia)», «Quesos (copia 2)».
item-copy-word = copia
item-merge = Unir en una
item-export = Exportar…
item-print = Imprimir o PDF…
item-restore = Recuperar
item-purge = Eliminar del todo
move-out = En ningún proyecto
move-new = Nuevo proyecto…
selection-actions = Acciones de las conversaciones seleccionadas
selection-count = { $count ->
    [0] Ninguna seleccionada
    [one] { $count } seleccionada
   *[other] { $count } seleccionadas
}
selection-all = Todas
selection-end = Terminar la selección
purge-title = { $count ->
    [one] ¿Eliminar del todo esta conversación?
   *[other] ¿Eliminar del todo { $count } conversaciones?
}
purge-help = Sus palabras se borran del historial en este disco. No se puede deshacer; las copias de seguridad hechas antes aún las contienen.

undo-deleted-many = { $count ->
    [one] Se ha eliminado { $count } conversación.
   *[other] Se han eliminado { $count } conversaciones.
}
undo-restored-many = { $count ->
    [one] Se ha recuperado { $count } conversación.
   *[other] Se han recuperado { $count } conversaciones.
}
undo-purged = «{ $title }» se ha eliminado del todo.
undo-purged-many = { $count ->
    [one] Se ha eliminado del todo { $count } conversación.
   *[other] Se han eliminado del todo { $count } conversaciones.
}
undo-archived = «{ $title }» está en el archivo.
undo-archived-many = { $count ->
    [one] { $count } conversación está en el archivo.
   *[other] { $count } conversaciones están en el archivo.
}
undo-unarchived = «{ $title }» ha salido del archivo.
undo-unarchived-many = { $count ->
    [one] { $count } conversación ha salido del archivo.
   *[other] { $count } conversaciones han salido del archivo.
}
undo-pinned = «{ $title }» está fijada.
undo-pinned-many = { $count ->
    [one] { $count } conversación está fijada.
   *[other] { $count } conversaciones están fijadas.
}
undo-unpinned = «{ $title }» ya no está fijada.
undo-unpinned-many = { $count ->
    [one] { $count } conversación ya no está fijada.
   *[other] { $count } conversaciones ya no están fijadas.
}
undo-moved = «{ $title }» está ahora en «{ $project }».
undo-moved-many = { $count ->
    [one] { $count } conversación está ahora en «{ $project }».
   *[other] { $count } conversaciones están ahora en «{ $project }».
}
undo-unfiled = «{ $title }» ya no está en ningún proyecto.
undo-unfiled-many = { $count ->
    [one] { $count } conversación ya no está en ningún proyecto.
   *[other] { $count } conversaciones ya no están en ningún proyecto.
}
undo-merged = { $count ->
    [one] Se ha unido { $count } conversación.
   *[other] Se han unido { $count } conversaciones en una.
}
undo-duplicated = Se ha duplicado «{ $title }».
undo-branched = Esta es una conversación nueva con todo hasta aquel mensaje.
undo-project-deleted = Se ha eliminado el proyecto «{ $name }». Sus conversaciones siguen.
undo-renamed = «{ $before }» se llama ahora «{ $title }».
undo-done = Deshecho.

message-branch = Seguir desde aquí en otra conversación
message-origin = De «{ $title }»

## Exportar e importar

transfer-lead = Todo lo que escribes y lees aquí es tuyo: llévatelo, o trae lo que tengas en otro sitio.
import-choose = Importar ficheros…
import-help = Exportaciones de Capibara6, ChatGPT, Claude y Open WebUI, y el almacén de la página web antigua. También puedes soltar los ficheros sobre la ventana. Importar algo dos veces no añade nada.
export-everything = Exportar todo…
export-title = Exportar
export-all = Todas las conversaciones, también las del archivo.
export-project = Las conversaciones del proyecto «{ $name }».
export-one = «{ $title }»
export-many = { $count ->
    [one] { $count } conversación
   *[other] { $count } conversaciones
}
export-format = Formato
export-json = JSON
export-json-help = Todo, con todas las versiones de cada mensaje. Se puede volver a importar sin perder nada.
export-markdown = Markdown
export-markdown-help = Un fichero por conversación, para notas y otros programas.
export-html = Página web
export-html-help = Una página por conversación, que se abre en cualquier navegador sin red.
export-print = Imprimir o PDF…
export-begin = Elegir dónde…

transfer-export-title = Exportación
transfer-import-title = Importación
transfer-export-running = { $count ->
    [0] Exportando…
    [one] Exportando: { $count } conversación por ahora
   *[other] Exportando: { $count } conversaciones por ahora
}
transfer-import-running = { $count ->
    [0] Importando…
    [one] Importando: { $count } conversación por ahora
   *[other] Importando: { $count } conversaciones por ahora
}
transfer-export-done = { $count ->
    [one] Se ha exportado { $count } conversación.
   *[other] Se han exportado { $count } conversaciones.
}
transfer-import-done = { $count ->
    [0] No se ha importado ninguna conversación.
    [one] Se ha importado { $count } conversación.
   *[other] Se han importado { $count } conversaciones.
}
transfer-import-known = { $count ->
    [one] La única conversación ya estaba aquí.
   *[other] Las { $count } conversaciones ya estaban aquí.
}
transfer-export-cancelled = { $count ->
    [one] Exportación cancelada. Queda escrita { $count } conversación.
   *[other] Exportación cancelada. Quedan escritas { $count } conversaciones.
}
transfer-import-cancelled = { $count ->
    [one] Importación cancelada. Queda aquí { $count } conversación.
   *[other] Importación cancelada. Quedan aquí { $count } conversaciones.
}
transfer-export-failed = La exportación no se ha podido terminar.
transfer-import-failed = La importación no se ha podido terminar.
transfer-reveal = Mostrar la carpeta
transfer-report = Detalles
transfer-skipped-open = { $count ->
    [one] { $count } registro omitido
   *[other] { $count } registros omitidos
}
transfer-dismiss = Cerrar este aviso
transfer-conversations = Conversaciones
transfer-messages = Mensajes
transfer-new-conversations = Conversaciones nuevas
transfer-new-messages = Mensajes nuevos
transfer-grown = Conversaciones conocidas con mensajes nuevos
transfer-known = Ya estaban aquí
transfer-from = Fichero
transfer-to = Escrito en
transfer-skipped = { $count ->
    [one] Se ha omitido { $count } registro
   *[other] Se han omitido { $count } registros
}
transfer-skipped-help = Todo lo demás se ha importado.
transfer-skipped-more = { $count ->
    [one] Y { $count } más.
   *[other] Y { $count } más.
}
skip-record = registro { $record }
skip-unreadable = El fichero no se puede leer.
skip-unknown-format = El formato del fichero no se puede importar.
skip-newer = El fichero es de una versión más nueva de Capibara6.
skip-truncated = El fichero termina a medias. Lo que está entero se ha importado.
skip-syntax = No es JSON válido.
skip-shape = No es una conversación, o le falta algo imprescindible.
skip-too-large = Es demasiado grande para importarlo.
skip-empty = No tiene ningún mensaje que se pueda mostrar.
skip-message = Un mensaje no encaja en su conversación. Los demás se han importado.
skip-run = Los datos de una consulta a varios modelos no se entienden. Las respuestas se han importado.
skip-content = Contiene algo que no es texto. Su nombre consta en el texto; su contenido no se ha importado.

## Índice de la búsqueda

index-title = Índice de la búsqueda
index-state = { $count ->
    [one] Se puede encontrar { $count } mensaje.
   *[other] Se pueden encontrar { $count } mensajes.
}
index-rebuild = Rehacer el índice

## Copias de seguridad

backups-lead = Cada día, y antes de cada cambio de su formato, se hace una copia de todo el historial, que se lee de principio a fin antes de darla por buena.
backups-make = Hacer una copia ahora
backups-making = Haciendo una copia…
backups-made = La copia está hecha y se ha leído de principio a fin.
backups-none = Aún no hay ninguna copia. La primera se hace durante el día siguiente a tu primera conversación.
backups-all = { $count ->
    [one] Mostrar { $count }
   *[other] Mostrar las { $count }
}
backups-failure = El último intento, { $date }, falló:
backups-salvage = El historial estaba dañado. Hay un informe de lo que se ha salvado.
backups-salvage-open = Leer el informe
backups-storage = El historial ocupa { $history }; las copias, { $backups }.
backups-free = Al disco le quedan { $free }.
backups-checked = La última comprobación, el { $date }, lo encontró entero.
backup-step-copying = Copiando…
backup-step-verifying = Leyendo la copia…
backup-step-restoring = Poniéndola en su sitio…
backup-step-salvaging = Leyendo fila a fila…
backup-reason-daily = diaria
backup-reason-before-migration = antes de actualizar
backup-reason-manual = hecha por ti
backup-reason-before-restore = antes de restaurar
backup-reason-encryption = al cifrar el historial
backup-state-damaged = Dañada: no se puede restaurar
backup-state-newer = De una versión más nueva: aquí no se puede restaurar
backup-holds = { $conversations ->
    [one] { $conversations } conversación
   *[other] { $conversations } conversaciones
}, { $messages ->
    [one] { $messages } mensaje
   *[other] { $messages } mensajes
}
backup-look = Ver qué contiene
backup-shut = Cerrar
backup-delete-named = Eliminar la copia del { $date }
backup-reading = Leyéndola entera…
backup-verified = Se acaba de leer de principio a fin y está entera.
backup-only-here-none = Contiene todo lo que hay aquí ahora.
backup-only-here = Está aquí ahora, pero no en la copia: { $conversations ->
    [one] { $conversations } conversación
   *[other] { $conversations } conversaciones
}, { $messages ->
    [one] { $messages } mensaje
   *[other] { $messages } mensajes
}.
backup-only-there-none = No contiene nada que falte aquí.
backup-only-there = Está en la copia, pero ya no aquí: { $conversations ->
    [one] { $conversations } conversación
   *[other] { $conversations } conversaciones
}, { $messages ->
    [one] { $messages } mensaje
   *[other] { $messages } mensajes
}.
backup-newest = Sus conversaciones más recientes
backup-messages = { $count ->
    [one] { $count } mensaje
   *[other] { $count } mensajes
}
backup-restore = Restaurar esta copia…
backup-restoring = Restaurando…
backup-restored = El historial vuelve a ser el del { $date }.
backup-undone = El historial está como antes.
backup-way-back = El { $at } el historial volvió a ser el del { $to }. Lo que había hasta entonces está en una copia.
backup-go-back = Volver a como estaba antes de restaurar
restore-title = ¿Restaurar el historial del { $date }?
restore-help = { $messages ->
    [0] La copia ocupa el lugar del historial. No le falta nada de lo que hay aquí ahora.
    [one] La copia ocupa el lugar del historial. Le falta { $messages } mensaje de { $conversations ->
       [one] { $conversations } conversación
      *[other] { $conversations } conversaciones
    } que hay aquí ahora.
   *[other] La copia ocupa el lugar del historial. Le faltan { $messages } mensajes de { $conversations ->
       [one] { $conversations } conversación
      *[other] { $conversations } conversaciones
    } que hay aquí ahora.
}
restore-help-answers = Antes, lo que hay aquí ahora se guarda en una copia propia, para poder volver. Las respuestas a medio escribir se terminan.
restore-yes = Restaurar
backup-delete-title = ¿Eliminar la copia del { $date }?
backup-delete-help = El historial queda como está. Esta copia no se podrá recuperar.
retention-title = Cuánto se guardan las copias
retention-help = La más reciente de cada día y de cada semana. Las que haces tú se quedan, y la última buena, siempre.
retention-fewer-title = ¿Guardar menos copias?
retention-fewer-help = Las que sobren se borran enseguida y no se podrán recuperar. El historial queda como está.
retention-fewer-yes = Guardar menos
retention-daily = Días
retention-weekly = Semanas
retention-occasional = Antes de actualizar o restaurar
retention-limit = Como mucho en disco (0: sin límite)
retention-limit-unit = GiB

## Un historial dañado

salvage-title = El historial estaba dañado
salvage-lead = El daño en el fichero del historial se descubrió el { $date }. El fichero se ha apartado tal como estaba, y todo lo que aún se podía leer se ha pasado a uno nuevo. Este es el resultado.
salvage-lead-whole = El daño en el fichero del historial se descubrió el { $date }. El fichero se ha apartado tal como estaba, y todo se ha podido pasar a uno nuevo. Que se sepa, no falta nada.
salvage-saved-conversations = Conversaciones que están aquí
salvage-saved-messages = Mensajes que están aquí
salvage-from-backup = de ellos, recuperados de la última copia
salvage-lost-conversations = Conversaciones perdidas
salvage-lost-messages = Mensajes perdidos
salvage-settings = Los ajustes no se han podido recuperar: valen los del principio.
salvage-incomplete = Puede faltar algo que no consta aquí: también está dañada la parte del fichero que dice qué había.
salvage-where = Dónde faltan mensajes
salvage-unknown = Una conversación cuyo título se ha perdido
salvage-lost-count = { $count ->
    [one] { $count } mensaje
   *[other] { $count } mensajes
}
salvage-backup = { $count ->
    [one] La última copia buena es del { $date } y contiene { $count } conversación.
   *[other] La última copia buena es del { $date } y contiene { $count } conversaciones.
}
salvage-no-backup = No hay ninguna copia de seguridad de antes.
salvage-look = Ver qué contiene la copia
salvage-dismiss = Lo he leído
salvage-details = Detalles técnicos
salvage-aside = Los ficheros dañados están aquí:

## Actions and settings

shortcut-undo = Deshacer
shortcut-new-project = Nuevo proyecto
shortcut-import = Importar conversaciones
shortcut-export-all = Exportar todo
shortcut-backups = Copias de seguridad
shortcut-show-archive = Mostrar el archivo
shortcut-show-trash = Mostrar la papelera
shortcut-archive = Archivar esta conversación, o sacarla
shortcut-pin = Fijar esta conversación, o dejar de fijarla
shortcut-duplicate = Duplicar esta conversación
shortcut-export = Exportar esta conversación
shortcut-print = Imprimir esta conversación, o hacer un PDF
shortcut-delete = Eliminar esta conversación
shortcut-select = Seleccionar o dejar de seleccionar
shortcut-select-range = Seleccionar hasta aquí
shortcut-select-all = Seleccionar todo
palette-group-search = En todo lo dicho
palette-search = Buscar «{ $query }» en todo
settings-transfer = Importar y exportar
settings-backups = Copias de seguridad
