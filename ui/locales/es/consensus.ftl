### Preguntar a varios modelos a la vez: la consulta, su veredicto, todo lo que hay detrás y los planes que dicen cómo se hace.

consensus-label = Varios modelos ante una pregunta
consensus-candidates = Candidatas. Las flechas pasan de una a otra, Entrar elige una, Espacio muestra la respuesta entera.
consensus-sample = { $model } ({ $number })
consensus-answered = Han respondido { $answered } de { $of }
consensus-until-quorum = veredicto a partir de { $quorum } respuestas
consensus-left = quedan { $time }
consensus-stop = Detener todos
consensus-see-vote = Ver el voto
consensus-hide-vote = Ocultar el voto
consensus-ask-others = Preguntar a los demás
consensus-ask-others-help = Los demás modelos responden a la misma pregunta, y esta respuesta pasa a ser una de las candidatas
consensus-whole = Respuesta entera de { $model }
consensus-choose = Seguir con esta respuesta
consensus-undo = Volver a { $model }
consensus-give-back = Deshacer mi elección

## Cuánto coinciden: según las respuestas, o solo según lo parecidos que son los textos

consensus-agreement-unanimous = Unanimidad: { $count } de { $of }
consensus-agreement-majority = Mayoría: { $count } de { $of }
consensus-agreement-split = División: ninguna respuesta reúne la mayor parte del peso
consensus-agreement-none = { $of ->
    [one] Solo ha respondido uno
   *[other] No ha respondido nadie
}
consensus-similar-unanimous = Todas parecidas: { $count } de { $of }
consensus-similar-majority = Parecidas en su mayoría: { $count } de { $of }
consensus-similar-split = Distintas: las parecidas no reúnen la mayor parte del peso
consensus-weight = peso { $weight } de { $of }
consensus-weight-one = peso { $weight }
consensus-dissents = { $model } discrepa
consensus-dissents-in = { $model } dice { $answer }
consensus-dissents-more = { $count ->
    [one] y discrepa otro más
   *[other] y discrepan { $count } más
}

## Qué confianza merece: docs/consensus.md dice por qué

consensus-trust-unanimous = Coinciden, y eso es buena señal pero no una prueba: en lo que ninguno sabe, los modelos comparten el error.
consensus-trust-majority = La mayoría coincide: mira qué dicen los demás antes de usarla.
consensus-trust-split = No se ponen de acuerdo, así que el voto no recomienda nada. Compara las respuestas y compruébalo antes de usar una.
consensus-trust-none = No hay con qué comparar: aquí el acuerdo no dice nada.

## Qué más hay que saber

consensus-note-late = Una respuesta tardía ha cambiado el veredicto.
consensus-note-late-chosen = Una respuesta tardía ha cambiado cuánto coinciden. Tu elección se mantiene.
consensus-note-quorum = Han respondido menos de los previstos: { $answered } de { $quorum }.
consensus-note-deadline = Ha decidido el plazo de { $time }.
consensus-note-waiting = { $count ->
    [one] Falta { $models }; su respuesta puede cambiar el veredicto.
   *[other] Faltan { $models }; sus respuestas pueden cambiar el veredicto.
}
consensus-note-waiting-chosen = { $count ->
    [one] Falta { $models }. Tu elección se mantiene, diga lo que diga.
   *[other] Faltan { $models }. Tu elección se mantiene, digan lo que digan.
}
consensus-note-deciding = { $model } está comparando las respuestas. Mientras tanto vale el voto.
consensus-note-writing = { $model } está escribiendo una respuesta a partir de todas. Mientras tanto vale el voto.
consensus-note-user = Has elegido tú esta respuesta.
consensus-ruled = El método había elegido { $model }.
consensus-ruled-synthesis = El método había elegido la síntesis de todas.
consensus-ruled-nobody = El método no había elegido ninguna.
consensus-note-given-back = Has deshecho tu elección: decide el método.
consensus-tie-weight = Hubo un empate: decidió el mayor peso.
consensus-tie-more-members = Hubo un empate: decidió el mayor número de modelos.
consensus-tie-heaviest-member = Hubo un empate: decidió el modelo de más peso.
consensus-tie-lowest-slot = Hubo un empate en todo: decidió el orden del plan.
consensus-judge-waiting = { $model } está juzgando.
consensus-judge-stable = { $model } ha juzgado, con el mismo resultado en los dos órdenes.
consensus-judge-unstable = { $model } ha juzgado, pero su elección cambió con el orden: no cuenta, y decidió el voto.
consensus-judge-undecided = { $model } no ve ninguna respuesta mejor que las demás: decidió el voto.
consensus-judge-malformed = { $model } no respetó la forma de un juicio: decidió el voto.
consensus-judge-failed = No se pudo pedir a { $model } que juzgara: decidió el voto.
consensus-judge-useless = Había menos de dos respuestas que { $model } pudiera juzgar: decidió el voto.

consensus-chosen = elegido por consenso
consensus-chosen-user = elegido por ti
consensus-chosen-synthesis = escrita a partir de todas las respuestas
consensus-chosen-server = elegido por el servicio de consenso de la flota
consensus-chosen-alone = la única respuesta
consensus-chosen-judge = elegido por el juez
consensus-chosen-split = sin consenso: la respuesta de más peso
consensus-chosen-not = no es la respuesta elegida
consensus-chosen-said = Sigue { $model }. Puedes volver a elegir.

## Una candidata

candidate-waiting = Esperando la primera palabra…
candidate-thinking = Razonando…
candidate-streaming = Escribiendo…
candidate-naming = Se le pide solo la respuesta…
candidate-late = Aún no ha llegado; el veredicto se dio sin ella.
candidate-late-deadline = No respondió antes del plazo. El voto siguió sin ella.
candidate-stopped = Detenida por ti. No vota.
candidate-interrupted = Interrumpida: el programa se cerró mientras se escribía. No vota.
candidate-failed-decided = { $why } El voto siguió sin ella.
candidate-refusal = Declina responder, y no vota.
candidate-empty = No dice nada, y no vota.
candidate-dissents = discrepa
candidate-strongest = el modelo de más peso
candidate-stop = Detener { $model }
candidate-open-help = Mostrar la respuesta entera (Espacio); Entrar sigue con ella
candidate-figures-help = Peso, tiempo hasta la primera palabra, velocidad

consensus-bar = { $model }, peso { $weight }, { $stand }
consensus-stand-with = con la respuesta de más peso
consensus-stand-against = discrepa
consensus-stand-silent = no ha votado
consensus-stand-waiting = esperando
consensus-stand-writing = escribiendo
consensus-stand-done = ha respondido

## Todo lo que hay detrás del veredicto

vote-groups = El voto
vote-how = Cómo se decidió
vote-dissent = Qué dicen los que discrepan
vote-judge = El juez
vote-synthesis = La síntesis
vote-server = El servicio de consenso de la flota
vote-baselines = Qué habrían elegido otros métodos
vote-revisions = Cómo cambió el veredicto
vote-answers = Todas las respuestas tal como llegaron
vote-record = Qué se envió
vote-answer = Respuesta
vote-members = Quién
vote-weight = Peso
vote-group = Respuestas parecidas, grupo { $number }
vote-total = Ha respondido { $answered } de { $total } del peso.
vote-silence-refusal = Declina
vote-silence-empty = Vacía
vote-silence-failed = Falló
vote-silence-stopped = Detenida
vote-silence-late = Aún no llega
vote-fact-class = Tipo de pregunta
vote-fact-basis = Comparadas por
vote-fact-asked = Método
vote-fact-rule = Decidió
vote-fact-tie = Empate
vote-fact-moment = Cuándo
vote-fact-quorum = Quórum
vote-fact-deadline = Plazo
vote-fact-weights = Pesos
vote-fact-neff = Votos independientes
vote-fact-ruled = El método
vote-fact-took = Tiempo del voto
vote-fact-seed = Semilla
vote-neff-none = no se sabe: aún son pocos tus veredictos
vote-neff-value = estos modelos valen por unos { $value }
vote-cite = Mostrar la respuesta de { $model }
vote-judge-none = no ve ninguna mejor
vote-left-out = No se mostraron, por falta de sitio: { $models }.
vote-judge-excluded = No se mostraron al juez, por ser suyas: { $models }.
vote-server-said = Da la respuesta de { $model }, el de más peso de los { $count } que le respondieron. No compara respuestas.
vote-parts = La respuesta, parte por parte
vote-agreed = En qué coinciden
vote-contradictions = En qué se contradicen
vote-unique = Qué dice solo uno
vote-gaps = Qué no dice ninguno
vote-uncited = sin fuente
vote-revision = { $moment }: { $agreement }, { $winner }
vote-letters = { $count ->
    [one] un carácter
   *[other] { $count } caracteres
}
vote-sent = { $count ->
    [one] un mensaje
   *[other] { $count } mensajes
}
vote-told = Instrucciones para { $models }
vote-lines = Preguntados de nuevo, solo por la respuesta
vote-line-said = dice «{ $answer }»
vote-line-none = dice que no dio una respuesta concreta
vote-line-silent = no la dijo: se leyó su texto
vote-line-waiting = aún no la ha dicho
vote-line-shown = se le mostraron { $shown } de los { $of } caracteres de su respuesta
vote-line-asked = Qué se le pidió después de su respuesta
vote-temperature = temperatura { $value }
vote-seed = semilla { $value }
vote-resemblance = Cuánto se parecen los textos
vote-asked-judge = Pregunta { $number } a { $model }, que juzga
vote-asked-synthesis = Pregunta { $number } a { $model }, que escribe
vote-order = En este orden: { $order }.
vote-label = { $label } = { $model }
vote-system = Papel
vote-prompt = Pregunta
vote-schema = Forma de la respuesta
vote-reply = Respuesta

baseline-best-single = Solo el modelo de más peso
baseline-majority = Un voto cada uno
baseline-weighted-vote = Voto ponderado
baseline-medoid = La respuesta más parecida
baseline-nobody = ninguna

agreement-unanimous = unanimidad
agreement-majority = mayoría
agreement-split = división
agreement-none = sin acuerdo

basis-answers = lo que dicen las respuestas
basis-resemblance = lo parecidos que son los textos

moment-all-ended = habían terminado todos
moment-quorum = habían respondido los previstos
moment-deadline = venció el plazo
moment-late-answer = llegó una respuesta tardía
moment-judged = había terminado quien juzga o escribe
moment-user-choice = habías elegido tú
moment-given-back = habías deshecho tu elección

quorum-met = { $quorum } previstos, alcanzado
quorum-missed = { $quorum } previstos, no alcanzado

weights-given = los fijados
weights-learned = aprendidos de tus veredictos

class-number = un número
class-choice = una opción
class-yes-no = sí o no
class-date = una fecha
class-time = una hora
class-list = una lista
class-short-fact = un dato breve
class-code = código
class-open = abierta

consensus-rule-nobody-answered = no respondió nadie
consensus-rule-only-answer = la única respuesta
consensus-rule-all-agree = todas dicen lo mismo
consensus-rule-heaviest-answer = la respuesta de más peso
consensus-rule-most-frequent-answer = la respuesta más repetida
consensus-rule-most-similar = la respuesta más parecida a las demás
consensus-rule-judge-choice = el juez, en los dos órdenes
consensus-rule-judge-unstable = el voto, porque el juez no se decidió por una sola respuesta
consensus-rule-judge-failed = el voto, porque el juez falló
consensus-rule-judge-useless = el voto, porque había poco que juzgar
consensus-rule-synthesised = una síntesis de todas
consensus-rule-synthesis-failed = La síntesis falló: decidió el voto.
consensus-rule-server-choice = el servicio de la flota
consensus-rule-user-choice = tú

## Métodos, cada uno explicado en una línea

method-weighted-vote = Voto ponderado
method-weighted-vote-help = La respuesta de más peso; en preguntas abiertas, la más parecida a las demás.
method-majority = Mayoría
method-majority-help = Un voto por modelo.
method-medoid = Respuesta más parecida
method-medoid-help = La respuesta que más se parece a todas las demás.
method-judge = Juez
method-judge-help = Un modelo compara las respuestas sin nombres, en dos órdenes que deben coincidir.
method-synthesis = Síntesis
method-synthesis-help = Un modelo escribe una respuesta a partir de todas y dice qué viene de quién.
method-self-consistency = Un modelo varias veces
method-self-consistency-help = El mismo modelo responde varias veces, y sus respuestas votan.
method-server = Servicio de la flota
method-server-help = El servicio propio de la flota: la respuesta de su modelo de más peso, sin comparar.

## El plan

plan-label = A quién se pregunta
plan-models = { $count ->
    [one] Un modelo
   *[other] { $count } modelos
}
plan-samples = { $count ->
    [one] Una vez
   *[other] { $count } veces
}
plan-delivered = { $count ->
    [one] De serie: un modelo
   *[other] De serie: los { $count } modelos
}
plan-set-up = Elegir modelos y método…
plan-title = Preguntar a varios modelos
plan-lead = Quién responde, cuánto cuenta cada uno y cómo sale de ahí una respuesta.
plan-presets = Planes
plan-presets-none = Aún no tienes ninguno propio: lo que guardes aquí tendrá nombre y podrás elegirlo junto al modo.
plan-new = Plan nuevo
plan-name = Nombre
plan-name-first = Mi plan
plan-members = Modelos y pesos
plan-weight = Peso de { $model }
plan-method = Método
plan-quorum = Respuestas necesarias
plan-quorum-help = Hay veredicto en cuanto responden tantos; las respuestas tardías pueden cambiarlo.
plan-deadline = Plazo
plan-deadline-help = Después decide lo que haya. Vacío: sin plazo.
plan-seconds = s
plan-samples-label = Cuántas veces
plan-judge = Quién juzga o escribe
plan-judge-delivered = El modelo de más peso que no participa
plan-weights = Pesos
plan-weights-given = Los que se fijan aquí
plan-weights-learned = Aprendidos de tus veredictos, donde haya bastantes
plan-form = Respuestas a preguntas cerradas
plan-form-last-line = Terminan en una línea con la respuesta
plan-form-free = Como prefiera cada modelo
plan-save = Guardar y usar
plan-delete = Eliminar
plan-up = Subir { $name }
plan-down = Bajar { $name }
plan-use = Usar
plan-in-use = en uso
plan-edit = Editar { $name }
plan-problem-name = Un plan necesita un nombre.
plan-problem-name-long = Como mucho { $most } caracteres.
plan-problem-name-taken = Ya hay un plan con ese nombre.
plan-problem-members = Elige de 2 a { $most } modelos.
plan-problem-one = Elige exactamente un modelo.
plan-problem-missing = Este perfil no tiene este modelo: quítalo.
plan-problem-weight = Un número mayor que 0.
plan-problem-samples = Un número entero de { $least } a { $most }.
plan-problem-quorum = Un número entero de 2 a { $most }.
plan-problem-quorum-two = Aquí solo puede ser 2.
plan-problem-deadline = De { $least } a { $most } segundos, o vacío.

## Por qué no se puede seguir un plan

plan-refused-member = El plan pregunta a { $model }, y este perfil no lo tiene.
plan-refused-judge = En el plan juzga o escribe { $model }, y este perfil no lo tiene.
plan-refused-service = El plan usa el servicio de consenso de la flota, y este perfil no tiene ninguno.
plan-refused-few = Para preguntar a varios hacen falta al menos dos modelos, y este perfil tiene uno.
plan-refused-other = El plan no se puede seguir tal como está.
plan-refused-help = No se ha preguntado a nadie ni se ha perdido nada. Cambia el plan o elige otro.

mode-consensus-help = Varios modelos a la vez, y cuánto coinciden

## Pesos aprendidos, en los ajustes

settings-consensus = Consenso
learned-lead = Lo que tus veredictos dicen de cada modelo, por tipo de pregunta. Solo se usan donde un plan lo dice, nunca por su cuenta.
learned-none = Nada todavía: cada vez que sigas con otra respuesta, o confirmes una, se contará aquí.
learned-verdicts = { $count ->
    [one] un veredicto tuyo
   *[other] { $count } veredictos tuyos
}
learned-few = Útil a partir de unos 50.
learned-right = acertó { $right } de { $judged }
learned-weight = Peso de { $model } para { $class }
learned-reset = El aprendido
learned-set = fijado por ti
learned-plans = Planes y métodos
