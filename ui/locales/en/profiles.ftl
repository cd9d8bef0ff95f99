### First run, profile form, connection test and keys.

onboarding-title = Where are your models?
onboarding-lead = Pick a profile: it says which models there are and at which addresses. Until you do, Capibara6 contacts nothing.
onboarding-profiles = Profiles you can use
onboarding-practice = No servers, for practice
onboarding-scan = Servers on this computer
onboarding-scan-lead = Is vLLM, Ollama, LM Studio or another server running here? Only this computer is looked at, and only when you ask.
onboarding-scan-ports = Ports { $ports }
onboarding-scan-start = Look for servers
onboarding-scan-again = Look again
onboarding-scan-running = Looking on this computer…
onboarding-scan-none = No running server was found.
onboarding-scan-none-help = Start your server and look again, or add its address by hand.
onboarding-scan-found = { $count ->
    [one] { $count } server was found.
   *[other] { $count } servers were found.
}
onboarding-scan-use = Create a profile
onboarding-scan-use-all = Create a profile with all of them
onboarding-scan-use-named = Create a profile with { $server }
onboarding-scan-profile-name = This computer
onboarding-add = Servers on another machine
onboarding-add-lead = Enter the addresses of your fleet and test the connection before saving.
onboarding-add-start = Add a profile
onboarding-language = Language
onboarding-choosing = Preparing { $name }…

profile-use = Use this profile
profile-practice = Practice fleet
profile-use-named = Use this profile: { $name }
profile-origin-file = Your own file
profile-origin-example = Example included
profile-origin-practice = Scripted answers
profile-origin-file-help = It is in your data folder; you can edit it.
profile-origin-example-help = It comes with the program. Its addresses are not contacted until you pick it.
profile-origin-practice-help = Four small servers inside this computer with answers written beforehand. There is no model behind them, and every message says so.
profile-broken = Cannot be used yet

server-vllm = vLLM
server-capibara6 = Capibara6
server-ollama = Ollama
server-openai-compatible = OpenAI-compatible
server-models = { $count ->
    [0] No models loaded
    [one] { $count } model
   *[other] { $count } models
}

## Form

form-title-new = New profile
form-title-edit = Edit the profile
form-title-copy = Copy of an example
form-lead = It is saved as a file in your data folder, without keys.
form-loading = Reading the profile…
form-back = Back
form-name = Name of the profile
form-name-placeholder = My fleet
form-models = Models
form-models-help = The order matters: when a model cannot answer, the next one is tried.
form-model = Model { $position }
form-model-named = Model { $position }: { $name }
form-model-add = Add a model
form-model-remove-named = Remove { $name }
form-model-removed = { $name } was removed.
form-model-up-named = Move { $name } up
form-model-down-named = Move { $name } down
form-model-moved = { $name } is now in position { $position } of { $count }.
form-id = Id
form-id-help = The name under which the server offers it.
form-label = Shown name
form-label-help = Where empty, the id is shown.
form-url = Address
form-url-help = Up to and including /v1.
form-tier = Best at
form-tier-fast = Quick answers
form-tier-code = Code
form-tier-complex = Reasoning
form-tier-creative = Writing
form-weight = Weight of its vote
form-weight-help = How much it counts in a consensus; above 0.
form-context = Context
form-context-help = In tokens. Empty: the server is asked.
form-temperature = Temperature
form-temperature-help = From 0 to 2. Empty: the server’s own.
form-max-tokens = Maximum length
form-max-tokens-help = In tokens. Empty: the server’s own.
form-more = Context, weight and parameters
form-network = Network
form-network-summary = Own authority, proxy and time limits
form-ca-file = Certificate of your authority
form-ca-file-help = A PEM file; the path may be relative to the profiles folder.
form-proxy = Proxy
form-proxy-help = For everything that is not on this computer.
form-connect-timeout = Time to connect
form-first-token-timeout = Time to the first word
form-idle-timeout = Longest silence
form-seconds = seconds
form-services = Other services
form-services-summary = Addresses of the services your fleet has
form-services-help = Optional: a missing service hides its feature and breaks nothing.
service-auth = Sign-in
service-consensus = Consensus
service-backend = Gateway
service-tts = Voice
service-mcp = Tools (MCP)
service-rag = Knowledge
service-n8n = Automation (n8n)
form-oidc-kept = The OpenID Connect sign-in of this profile ({ $issuer }) is kept as it is.
form-test = Test the connection
form-test-running = Testing…
form-test-lead = Only looks which models each address offers.
form-test-ok = { $label } answers in { $ms } ms
form-test-serves = Offers { $models }
form-test-pick = The server offers:
form-test-pick-named = Use { $model } as the id
form-test-serves-none = Offers no models
form-test-summary = { $ok } of { $count } answer.
form-test-stale = You changed the profile after this test.

## What to do when an address fails the test (no conversation is at stake here)

test-help-unreachable = The address does not answer from this network. Check its spelling, and the connection or the VPN.
test-help-refused = The computer is there, but nothing listens on that port. Start the server or correct the port.
test-help-timeout = The connection did not come in time. Check the address, or allow more time in the Network section.
test-help-tls = Its certificate is not trusted or does not match the address. If your organisation has its own authority, add its certificate in the Network section.
test-help-unauthorised = The server is there, but asks for a key or does not accept the one it got. Save the profile, put it to use, and enter the key in its section.
test-help-busy = The server is there, but takes no more requests right now. Test again in a moment.
test-help-model-not-found = The server is there, but does not offer a model with that id.
test-help-server = The server answered with a fault of its own. The details say which.
test-help-protocol = What answers is not a model server. Check that the address ends in /v1.
test-help-insecure-transport = The key is not sent unencrypted outside your private network. Use an https address.
test-help-other = The details say what happened. Correct the address or test again.
form-save = Save the profile
form-save-use = Save and use
form-saving = Saving…
form-delete = Delete the profile
form-delete-title = Delete the profile “{ $name }”?
form-delete-help = Its file is deleted. Your conversations do not change. This cannot be undone.
form-delete-active = It is the profile in use: pick another one before deleting it.
form-delete-refused = This file is outside your data folder: whoever installed the program names it, so it is not deleted from here.
form-delete-confirm = Delete the profile
form-discard-title = Leave without saving?
form-discard-help = The changes to this profile will be lost.
form-discard-confirm = Leave without saving
form-discard-stay = Keep editing
form-errors = { $count ->
    [one] { $count } field needs correcting.
   *[other] { $count } fields need correcting.
}

field-required = This field is needed.
field-url = Enter a complete http or https address, such as http://127.0.0.1:8000/v1.
field-url-credentials = Do not put a user or password in the address; keys are kept elsewhere.
field-url-extra = The address takes no query (?) and no fragment (#).
field-proxy = Enter a complete address with http, https, socks5 or socks5h, such as http://127.0.0.1:3128.
field-too-long = It can have up to { $max } characters.
field-too-many = It can have up to { $max }.
field-duplicate = Another model of this profile already has that id.
field-number = Enter a number.
field-integer = Enter a whole number.
field-range = It must be between { $min } and { $max }.
field-positive = It must be above 0.
field-at-least = It must be { $min } or more.
field-models = The profile needs at least one model.
field-rejected = This value is not accepted.

## Keys

keys-title = API keys
keys-lead = Each key is kept where all secrets are (see Account and secrets) and is never shown again.
keys-loading = Asking the keyring…
keys-none = The profile in use has no models.
keys-practice = The practice fleet needs no keys.
keys-present = Saved
keys-absent = No key
keys-input = Key of { $model }
keys-input-new = New key for { $model }
keys-placeholder = Paste the key
keys-set = Save
keys-set-named = Save the key of { $model }
keys-add = Add a key
keys-add-named = Add a key for { $model }
keys-change = Change
keys-change-named = Change the key of { $model }
keys-clear = Remove
keys-clear-named = Remove the key of { $model }
keys-cancel = Cancel
keys-saved = The key of { $model } is saved.
keys-cleared = The key of { $model } is no longer saved.
keys-insecure = The connection to { $models } is not encrypted and leaves your private network: no key is sent over it.
keys-form-active = To save keys, save the profile and put it to use.
