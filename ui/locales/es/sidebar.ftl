### La barra lateral: búsqueda, lista de conversaciones por días, deshacer y pie.

sidebar-search = Buscar en todo
sidebar-search-help = Busca en todo lo dicho, lo más reciente primero. Arriba y abajo eligen, Intro abre.
sidebar-search-clear = Borrar la búsqueda
sidebar-new = Nueva conversación
sidebar-list = Conversaciones
sidebar-empty = Aquí quedarán tus conversaciones.
sidebar-empty-help = Se guardan en este ordenador desde la primera palabra.
sidebar-loading = Cargando conversaciones…
sidebar-more = Cargar más
sidebar-settings = Ajustes

group-pinned = Fijadas
group-today = Hoy
group-yesterday = Ayer
group-last-week = Últimos 7 días

item-menu = Acciones de «{ $title }»
item-rename = Cambiar el título
item-pin = Fijar arriba
item-unpin = Dejar de fijar
item-delete = Eliminar
item-pinned = Fijada
item-title-label = Título de la conversación
item-title-hint = Intro guarda, Esc descarta
item-title-empty = El título no puede quedar vacío.
item-title-long = El título admite hasta { $max } caracteres.

undo-region = Deshacer
undo-deleted = Se ha eliminado «{ $title }».
undo-action = Deshacer
undo-dismiss = Cerrar este aviso
undo-restored = Se ha recuperado «{ $title }».
