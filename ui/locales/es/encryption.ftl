### El cifrado del historial en el disco: la sección de los ajustes, y lo que hay en el lugar de un historial cerrado.

settings-privacy = Privacidad

encryption-plain = Tu historial no está cifrado: quien pueda leer el disco de este ordenador puede leerlo.
encryption-encrypted = Tu historial está cifrado en el disco.
encryption-locked = Tu historial está cifrado, y su clave no está a mano.
encryption-key-kept = La clave está en el almacén de claves del sistema, que se abre al entrar en tu cuenta.
encryption-key-not-kept = La clave no está en el almacén de claves del sistema: en cada inicio Capibara6 pedirá la frase de recuperación.
encryption-backups-plain =
    { $count ->
        [one] Una copia de antes no está cifrada. Puedes eliminarla en Copias de seguridad.
       *[other] { $count } copias de antes no están cifradas. Puedes eliminarlas en Copias de seguridad.
    }
encryption-begin = Cifrar el historial…
encryption-enable = Cifrar
encryption-working = Un momento…
encryption-enabled = El historial está cifrado.
encryption-passphrase = Frase de recuperación
encryption-passphrase-for = Cada día la clave viene del almacén de claves del sistema. La frase de recuperación abre el historial el día en que ese almacén se pierde: tras una instalación nueva, en otro ordenador o desde una copia. Si ya estuvo cifrado antes, es la frase de entonces.
encryption-both-lost = Si se pierden el almacén de claves y la frase, nadie puede abrir el historial y nadie puede recuperarlo. Apunta la frase y guárdala en otro sitio.
encryption-backups =
    { $count ->
        [one] Hay una copia que cualquiera puede leer
       *[other] Hay { $count } copias que cualquiera puede leer
    }
encryption-backups-delete = Eliminar lo que no está cifrado, en cuanto haya una copia cifrada
encryption-backups-keep = Dejarlas como están
encryption-interrupts = Una respuesta que se esté escribiendo se interrumpe; su texto se conserva. Un historial grande tarda un momento.
encryption-change = Cambiar la frase…
encryption-changed = Desde ahora vale la frase nueva.
encryption-disable = Quitar el cifrado…
encryption-disable-title = ¿Quitar el cifrado?
encryption-disable-help = El historial se escribe de nuevo sin cifrar: quien pueda leer el disco de este ordenador puede leerlo. Las copias hechas entretanto siguen cifradas y se pueden restaurar aquí.
encryption-disable-yes = Quitar el cifrado
encryption-disabled = El historial ya no está cifrado.

locked-title = Tu historial está cerrado
locked-title-own = El historial de este ordenador está cerrado
locked-title-of = El historial de { $name } está cerrado
locked-back = Volver a «{ $name }»
locked-go = Abrir «{ $name }» en su lugar
locked-lead = Está cifrado, y el almacén de claves del sistema no ha dado su clave.
locked-safe = No se ha perdido nada. Todo está en este ordenador como lo dejaste.
locked-passphrase = Frase de recuperación
locked-unlock = Abrir
locked-opening = Abriendo…
locked-keyring = Probar otra vez el almacén de claves
locked-asking = Preguntando al almacén…
locked-empty = Escribe la frase que elegiste al cifrar el historial.
locked-wrong = Esa no es la frase de recuperación. No ha cambiado nada: revisa el teclado y las mayúsculas, e inténtalo de nuevo.
locked-damaged = El fichero de recuperación junto al historial no se puede leer, y sin él ninguna frase lo abre. No ha cambiado nada: prueba otra vez el almacén de claves, o repón capibara6.db-recovery desde una copia de la carpeta de datos.
locked-keyring-not = El almacén de claves sigue sin dar la clave. Ábrelo, o escribe la frase de recuperación.
locked-why-locked = El almacén de claves del sistema está cerrado. Cuando lo abras, prueba otra vez.
locked-why-absent = En este ordenador no hay un almacén de claves en marcha. La frase abre el historial hasta que cierres Capibara6.
locked-why-missing = El almacén no tiene la clave, quizá porque es uno nuevo. Cuando abras el historial, la clave vuelve a guardarse ahí.
locked-why-other = El almacén de claves no ha respondido. Puedes probar otra vez, o usar la frase.
