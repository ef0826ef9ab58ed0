"""The words of Germanic languages, for :mod:`rasa_autoplay.engine.assistant.grounding.concepts`."""

from __future__ import annotations

__all__ = ["DE", "EN", "NL"]

EN = """
click: click* press presses pressing tap taps tapping hit choose chooses choosing pick picks specify decide*
click: define select selects selecting set_the set_a set_your set_up ~take ~find ~say ~compare ~put ~check
click: ~read ~look ~tick ~confirm activate enable turn_on | open: open* | type: type types typing enter fill
type: write paste | tick: tick* checkbox* box boxes toggle* switch* slider* | go: navigate* visit head_to
go: go_to | drag: drag* | scroll: scroll* | hover: hover* mouse | button: button* btn | menu: menu*
menu: dropdown* drop_down submenu* hamburger kebab | tab: tab tabs | icon: icon* symbol* gear* cog cogwheel
icon: pencil* bell trash avatar | dialog: dialog* window* popup* pop_up modal* prompt* | field: field*
field: textbox* input* | rows: table list lists row rows column* grid | page: page pages screen* dashboard*
page: homepage section* panel* pane | bar: sidebar* toolbar* bar navigation header* footer* ribbon
bar: breadcrumb* | settings: setting* preference* configur* | option: option* entry | account: profile*
account: account accounts | link: link hyperlink* | key: keyboard* shortcut* hotkey* key keys ctrl control
key: cmd command alt shift esc escape spacebar backspace press_enter hit_enter press_return hit_return
key: press_tab right_click double_click | left: the_left on_left bottom_left top_left left_hand left_side
left: upper_left lower_left left_corner | right: top_right bottom_right on_right upper_right lower_right
right: the_right right_hand right_corner right_side
top: top upper above | bottom: bottom lower below underneath
bottom: beneath ~under | centre: middle center centre | beside: beside next_to adjacent | time: second
time: seconds minute* hour* moments ~time ~times ~slot ~clock | auto: automatic* itself ~by_itself
sure: guarante* always never every_time forever permanent* | free: gratis cost* charge* price* discount*
free: for_free free_of | undo: undo* undone revert* restor* reversible rollback | mail: mail mails email*
mail: e_mail notif* sms inbox newsletter ~address* ~invit* ~contact* ~send inform informs informed notice
save: save saves saved saving autosav* ~keep* ~store* ~record* | confirm: confirm* submit* apply applies ok
confirm: okay finish_button ~press_enter ~hit_enter ~enter ~release* ~approv* ~finish* ~done ~check ~checks
cancel: cancel* closes closing dismiss* close closed | send: send sends sending ~invit* ~return* ~back
send: ~mail* | delete: delet* remov* erase* trash* wipe* ~revok* ~without ~clear* | search: search* ~find*
search: ~look* ~filter* | filter: filter* | refresh: refresh* reload* restart* sync* reboot*
download: download* ~file* ~export* ~save | upload: upload* attach* import imports importing imported ~file*
upload: ~add | export: export* | print: print* | share: share shares sharing ~everybody ~team ~publish*
share: ~public | copy: copy copies duplicat* clone* ~duplicate* | login: login* log_in sign_in logout
login: log_out sign_out sign_up register* ~account | help: support hotline helpdesk admin* phone
install: install* plugin* extension* addon* app_store upgrade* premium | password: password* passcode*
password: credential* otp 2fa pin | pay: pay pays paying payment* paypal iban invoice_fee buy purchase*
pay: salary ~refund* ~money ~salar* ~wage* ~payroll ~payslip* ~invoice* ~bill ~bills ~price* | colour: red
colour: green blue grey gray orange yellow purple pink colour* color* highlighted | card: card*
soon: instant* immediate* ~now ~once | days: days overnight tomorrow week* daily year* yearly month months
days: monthly ~day ~date* ~calendar | sort: reorder* sort sorted sorts sorting ~order | transfer: transfer*
schedule: schedul* recurr* ~later ~calendar ~appointment* ~every ~again | several: several multiple ~many
several: ~few ~both ~group* ~all ~two ~rows ~every ~each | history: history log logs audit timeline
archive: archiv* backup* | template: template* | draft: draft* | note: note notes comment* remark*
tag: label labels sticker* | version: version* | calendar: calendar* ~agenda ~schedul* | report: report*
report: statistic* chart* analytics | receipt: receipt* voucher* certificate* | permission: permission*
permission: rights role roles access
"""

DE = """
click: klick* druck* wahle* wahlst wahl auswahlen anklick* antipp* stell stellen einstellen festlegen
click: bestimm* tippe tippen tippst ~nehmen ~nimm ~prufen ~prufe ~suchen ~suche ~vergleichen ~lesen
click: aktivier* fest | open: offn* aufklapp* geoffnet | type: gib gibst geben eingeben eintragen trag trage
type: tragen schreib* ausfullen fulle fullen | tick: hak hake haken anhak* abhak* ankreuz* kreuz* markier*
tick: *kastchen schalter regler | go: gehe gehen geh navigier* wechsel* wechseln | drag: zieh ziehe ziehen
scroll: scroll* blatter* | hover: maus mauszeiger | button: schaltflach* *schaltflache knopf* *knopf *button
button: buttons | menu: *menu *menus klappliste* auswahlliste* | tab: registerkarte* reiter *kartenreiter
icon: *symbol *symbols zahnrad* stift papierkorb* lupe glocke | dialog: *dialog *dialogs *fenster popup*
field: *feld *felder | rows: *tabelle *liste listen *zeile *zeilen *spalte | page: *seite *seiten
page: *bildschirm bereich *ansicht ubersicht | bar: *leiste navigation kopfzeile fusszeile
settings: *einstellung *einstellungen konfigur* | option: *option *optionen eintrag | account: konto *konto
account: profil* | link: link verknupfung* | key: tastatur* taste tasten *taste tastenkurzel
key: tastenkombination* strg umschalt* eingabetaste doppelklick* rechtsklick* | left: links linke linken
left: linker linkem | right: rechts rechte rechten rechter rechtem *rechts | top: oben obere oberen oberer
top: oberhalb | bottom: unten untere unteren unterer unterhalb ~unter | centre: mitte mittig | beside: neben
beside: daneben | time: sekunde* minute* stunde* ~uhrzeit* ~zeit ~zeiten ~termin* | auto: automatisch*
auto: von_selbst selbststandig | sure: garantier* immer niemals nie dauerhaft* | free: kostenlos* gratis
free: umsonst kosten gebuhr* rabatt* | undo: ruckgangig* wiederherstell* widerruf* | mail: mail mails *mail
mail: *mails postfach benachrichtig* ~adress* ~anschrift* ~einlad* ~kontakt* informier* information
mail: informationen bescheid | save: speicher* gespeichert abspeichern ~behalt* ~aufbewahr*
confirm: bestatig* absende* anwend* ubernehm* ok ~enter ~eingabetaste ~freigeb* ~genehmig* ~pruf* ~fertig
cancel: abbrech* abbruch schliesse schliess | send: send* versend* verschick* gesendet schick* ~einlad*
send: ~zuruck* ~per | delete: losch* geloscht entfern* ~ohne ~leer* | search: suchfeld* suchleiste*
search: suchfunktion ~find* | filter: filter* | refresh: aktualisier* neu_laden neustart* neu_starten
refresh: synchronis* | download: herunterlad* heruntergeladen download* ~datei* ~export* | upload: hochlad*
upload: importier* anhang anhangen ~datei* ~hinzufug* | export: export* | print: drucker ausdruck*
share: teilen teile freigeb* ~alle ~team ~veroffentlich* | copy: kopier* duplizier* ~doppelt*
login: anmeld* abmeld* einlogg* ausloggen registrier* | help: hotline kundendienst administrator* anruf*
help: telefon* | install: installier* erweiterung* premium* | password: passwort* kennwort* zugangsdaten pin
pay: bezahl* zahlung* zahlen kauf* gehalt* ~geld ~lohn* ~rechnung* ~betrag* ~preis* ~erstatt* | colour: rot
colour: rote roten blau* grau* orange gelb* lila farb* *farbe hervorgehoben grun grune gruner grunen grunes
card: kreditkart* | soon: sofort* augenblick* augenblicklich | days: morgen woche* *woche wochentlich
days: taglich jahrlich monat* *monat monatlich tage tagen ~tag ~datum ~kalender* | sort: sortier* umsortier*
transfer: uberweis* uberwiesen | schedule: zeitplan* wiederhol* terminier* ~spater ~kalender* ~termin* ~jede
several: mehrere mehreren mehrerer ~viele ~vielen ~beide ~paar ~gruppe* ~alle ~zwei ~jede | history: verlauf
history: protokoll* historie | archive: archiv* *archiv sicherung* backup* | template: vorlage* *vorlage
draft: entwurf* entwurfe | note: notiz* kommentar* anmerkung* | tag: etikett* *etikett schlagwort*
version: version* | calendar: kalender* *kalender | report: bericht* *bericht statistik* auswertung*
report: diagramm* | receipt: quittung* beleg* gutschein* bescheinigung* | permission: berechtigung* rechte
permission: rolle rollen zugriff*
"""

NL = """
click: klik* druk* tik tikt kies kiez* selecteer* stel bepaal ~neem ~zoek ~controleer activeer | open: open*
type: typ* vul vult invullen voer invoeren schrijf plak | tick: vink* aanvink* vakje *vakje selectievak*
tick: schakelaar | go: ga_naar navigeer* bezoek | drag: sleep* slepen | scroll: scroll* | hover: muis
button: knop* *knop | menu: *menu keuzelijst* | tab: tabblad* tab | icon: pictogram* icoon* tandwiel potlood
icon: prullenbak vergrootglas | dialog: venster* dialoog* pop_up | field: veld* *veld | rows: tabel lijst
rows: rij rijen kolom* | page: pagina* scherm* sectie paneel | bar: balk *balk navigatie
settings: instelling* voorkeur* configur* | option: optie opties | account: account profiel* | link: link
link: koppeling | key: toets toetsen *toets toetsenbord sneltoets* ctrl dubbelklik* | left: links linker*
right: rechts rechter* | top: boven bovenaan bovenste | bottom: onderaan onderste beneden ~onder
centre: midden | beside: naast | time: seconde seconden minuut minuten uur | auto: automatisch* vanzelf
sure: garand* altijd nooit permanent* | free: gratis kosten prijs korting | undo: ongedaan herstel*
mail: mail mails email* melding* sms bericht* | save: opslaan sla bewaar* opgeslagen | confirm: bevestig*
confirm: toepas* ok ~enter | cancel: annuleer* sluit* | send: verstuur* verzend* stuur* | delete: verwijder*
delete: wis wissen | search: zoekveld zoekbalk | filter: filter* | refresh: vernieuw* herlaad* herstart*
refresh: synchronis* | download: download* | upload: upload* importeer* bijlage | export: exporteer* export*
print: print* afdruk* | share: deel delen | copy: kopieer* dupliceer* | login: inlog* log_in uitlog*
login: registreer* aanmeld* | help: helpdesk beheerder* bel telefoon* | install: installeer* extensie*
install: premium* | password: wachtwoord* pin | pay: betaal* betal* koop salaris* | colour: rood rode groen*
colour: blauw* grijs* geel gele kleur* | card: creditcard* | soon: direct onmiddellijk | days: morgen week*
days: weken dagen maand* | sort: sorteer* | transfer: overschrij* | schedule: plan* herhaal*
several: meerdere ~veel ~beide | history: geschiedenis logboek | archive: archi* | template: sjabloon*
draft: concept* | note: notitie* opmerking* | tag: etiket* | version: versie* | calendar: kalender* agenda
report: rapport* statistiek* grafiek* | receipt: bon bonnetje bewijs* | permission: rechten rol rollen
permission: toegang
"""
