### La ventana en conjunto: zonas, cajones, avisos, menú nativo, atajos, paleta y «Acerca de».

app-name = Capibara6
app-failed = Capibara6 no ha podido abrirse.
app-retry = Intentar de nuevo
region-sidebar = Conversaciones
region-main = Conversación
region-inspector = Inspector
drawer-open-sidebar = Mostrar las conversaciones
storage-trouble = Aviso sobre el historial
action-cancel = Cancelar
action-close = Cerrar
action-save = Guardar
action-delete = Eliminar
action-undo = Deshacer
action-retry = Intentar de nuevo

## Lo que oye quien usa un lector de pantalla

announce-started = { $model } está respondiendo.
announce-ended = { $model } ha terminado. { $text }
announce-stopped = Respuesta detenida. { $text }
announce-failed = La respuesta ha fallado. { $error }
announce-copied = Copiado al portapapeles.
announce-opened = Conversación abierta: { $title }

## Avisos del sistema

notification-answer-title = Respuesta lista
notification-answer-body = { $model } ha terminado en «{ $title }».
notification-failed-title = La respuesta no ha terminado
notification-failed-body = Hubo un problema en «{ $title }». Lo recibido está guardado.

## Menú nativo

menu-app = Capibara6
menu-about = Acerca de Capibara6
menu-settings = Ajustes…
menu-services = Servicios
menu-hide = Ocultar Capibara6
menu-hide-others = Ocultar otros
menu-show-all = Mostrar todo
menu-quit = Salir
menu-file = Archivo
menu-new-chat = Nueva conversación
menu-close-window = Cerrar la ventana
menu-edit = Edición
menu-undo = Deshacer
menu-redo = Rehacer
menu-cut = Cortar
menu-copy = Copiar
menu-paste = Pegar
menu-select-all = Seleccionar todo
menu-find = Buscar
menu-view = Ver
menu-toggle-sidebar = Mostrar u ocultar las conversaciones
menu-toggle-inspector = Mostrar u ocultar el inspector
menu-larger-type = Letra más grande
menu-smaller-type = Letra más pequeña
menu-reset-type = Tamaño de letra normal
menu-fullscreen = Pantalla completa
menu-window = Ventana
menu-minimize = Minimizar
menu-maximize = Maximizar
menu-help = Ayuda
menu-palette = Paleta de órdenes…
menu-shortcuts = Atajos de teclado

## Atajos

shortcuts-title = Atajos de teclado
shortcut-group-general = En toda la ventana
shortcut-group-conversation = En la conversación
shortcut-group-list = En la lista de conversaciones
shortcut-palette = Abrir la paleta de órdenes
shortcut-new-chat = Nueva conversación
shortcut-find = Buscar una conversación
shortcut-settings = Abrir los ajustes
shortcut-shortcuts = Atajos de teclado
shortcut-about = Acerca de Capibara6
shortcut-stop = Detener la respuesta
shortcut-next-region = Pasar a la zona siguiente
shortcut-prev-region = Pasar a la zona anterior
shortcut-toggle-sidebar = Mostrar u ocultar las conversaciones
shortcut-toggle-inspector = Mostrar u ocultar el inspector
shortcut-larger-type = Letra más grande
shortcut-smaller-type = Letra más pequeña
shortcut-reset-type = Tamaño de letra normal
shortcut-edit-last = Editar la última pregunta
shortcut-send = Enviar la pregunta
shortcut-newline = Pasar de línea
shortcut-move = Recorrer la lista
shortcut-open = Abrir la conversación
key-enter = Intro
key-delete = Supr
key-f2 = F2

## Paleta de órdenes

palette-title = Paleta de órdenes
palette-placeholder = Busca una acción, una conversación, un modelo…
palette-empty = Nada coincide con «{ $query }».
palette-results = { $count ->
    [0] Sin resultados
    [one] { $count } resultado
   *[other] { $count } resultados
}
palette-group-actions = Acciones
palette-group-conversations = Conversaciones
palette-group-models = Modelos
palette-group-modes = Modos
palette-group-settings = Ajustes
palette-group-locales = Idiomas
palette-group-themes = Apariencia
palette-hint-move = recorrer
palette-hint-run = ejecutar
palette-hint-close = cerrar
palette-use-model = Preguntar a { $model }
palette-use-mode = Modo: { $mode }
palette-use-locale = Idioma: { $language }
palette-use-theme = Apariencia: { $theme }
palette-current = en uso
palette-open-settings = Ajustes: { $section }

## Acerca de

about-title = Acerca de Capibara6
about-tagline = Tus modelos, en tu casa, sin adornos.
about-version = Versión
about-commit = Compilación
about-system = Sistema
about-webview = Motor web
about-tauri = Tauri
about-sqlite = SQLite
about-data = Datos en
about-license = Software libre con licencia Apache 2.0
about-copy = Copiar versiones
about-copied = Versiones copiadas

### Exportaciones e importaciones

dialog-export = Exportar conversaciones
dialog-import = Importar conversaciones
dialog-print = Imprimir o guardar como PDF
export-user = Tú
export-assistant = Asistente
export-reasoning = Razonamiento
export-stopped = Detenida por usted.
export-interrupted = Interrumpida antes de terminar.
export-failed = La respuesta falló.
export-scripted = guionizado
