### The program itself, outside the window: command line and what can go wrong before there is a window.

program-help =
    Capibara6, el cliente de escritorio de la plataforma privada de IA Capibara6.

    Uso: capibara6 [--help | --version]

    Sin argumentos abre la ventana, o trae al frente la que ya está abierta.

    -h, --help      Muestra este texto
    -V, --version   Muestra la versión

    CAPIBARA6_HOME      el directorio de datos: historial, perfiles, registros
    CAPIBARA6_PROFILE   el perfil que se usará directamente
    CAPIBARA6_LOG       cuánto se registra: error, warn, info, debug o trace
program-unknown-argument = capibara6: argumento desconocido «{ $argument }». Pruebe capibara6 --help.
program-failed = capibara6: no se pudo abrir la ventana: { $error }
program-taken = capibara6: otro arranque del programa está usando el directorio de datos { $home }.
program-homeless = capibara6: el sistema no indica ningún directorio de datos. Defina CAPIBARA6_HOME.
