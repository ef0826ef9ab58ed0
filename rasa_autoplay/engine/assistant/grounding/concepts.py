"""What a sentence about an app can claim: controls, commands, places, keys, promises; in nine languages.

A concept means the same in each language, so a German sentence about an English step can be checked.
Words are in lower case and without accents. ``save*`` is the beginning of a word, ``*menu`` its end, and
``go_to`` two words in a row. ``~under`` claims nothing, because it has other meanings too, but a step that
has it allows the concept.
"""

from __future__ import annotations

import unicodedata

__all__ = ["CONTROLS", "LANGUAGES", "OPERATIONS", "PLACES", "SPACELESS", "without_accents"]

#: What users do with a control.
OPERATIONS = frozenset({"click", "open", "type", "go", "drag", "scroll", "hover"})
#: Where a control is, and how it looks.
PLACES = frozenset({"left", "right", "top", "bottom", "centre", "beside", "colour"})
#: What a name can be called: "the … button".
CONTROLS = frozenset(
    {"button", "menu", "tab", "icon", "dialog", "field", "rows", "page", "bar", "option", "link"}
)

_EN = """
click: click* press presses pressing tap taps tapping hit choose chooses choosing pick picks specify decide*
click: define select selects selecting set_the set_a set_your set_up | open: open* | type: type types typing
type: enter fill write paste | tick: tick* checkbox* box boxes toggle* switch* slider* | go: navigate* visit
go: head_to go_to | drag: drag* | scroll: scroll* | hover: hover* mouse | button: button* btn | menu: menu*
menu: dropdown* drop_down submenu* hamburger kebab | tab: tab tabs | icon: icon* symbol* gear* cog cogwheel
icon: pencil* bell trash avatar | dialog: dialog* window* popup* pop_up modal* prompt* | field: field*
field: textbox* input* | rows: table list lists row rows column* grid | page: page pages screen* dashboard*
page: homepage section* panel* pane | bar: sidebar* toolbar* bar navigation header* footer* ribbon
bar: breadcrumb* | settings: setting* preference* configur* | option: option* entry | account: profile*
account: account accounts | link: link hyperlink* | key: keyboard* shortcut* hotkey* key keys ctrl control
key: cmd command alt shift esc escape spacebar backspace press_enter hit_enter press_return hit_return
key: press_tab right_click double_click | left: the_left on_left bottom_left top_left left_hand left_side
left: upper_left lower_left left_corner | right: the_right top_right bottom_right on_right upper_right
right: lower_right right_hand right_corner right_side | top: top upper above | bottom: bottom lower below
bottom: underneath beneath ~under | centre: middle center centre | beside: beside next_to adjacent
time: second seconds minute* hour* moments | auto: automatic* itself | sure: guarante* always never
sure: every_time forever permanent* | free: gratis cost* charge* price* discount* for_free free_of
undo: undo* undone revert* restor* reversible rollback | mail: mail mails email* e_mail notif* sms inbox
mail: newsletter | save: save saves saved saving autosav* | confirm: confirm* submit* apply applies ok okay
confirm: finish_button ~press_enter ~hit_enter ~enter | cancel: cancel* closes closing dismiss* close closed
send: send sends sending | delete: delet* remov* erase* trash* wipe* | search: search* | filter: filter*
refresh: refresh* reload* restart* sync* reboot* | download: download* | upload: upload* attach* import
upload: imports importing imported | export: export* | print: print* | share: share shares sharing
copy: copy copies duplicat* clone* | login: login* log_in sign_in logout log_out sign_out sign_up register*
help: support hotline helpdesk admin* phone | install: install* plugin* extension* addon* app_store upgrade*
install: premium | password: password* passcode* credential* otp 2fa pin | pay: pay pays paying payment*
pay: paypal iban invoice_fee buy purchase* salary | colour: red green blue grey gray orange yellow purple
colour: pink colour* color* highlighted | card: card* | soon: instant* immediate* | days: days overnight
days: tomorrow week* daily year* yearly month months monthly | sort: reorder* sort sorted sorts sorting
transfer: transfer* | schedule: schedul* recurr* | several: several multiple ~many ~few ~both
"""
_DE = """
click: klick* druck* wahle* wahlst wahl auswahlen anklick* antipp* stell stellen einstellen festlegen
click: bestimm* tippe tippen tippst | open: offn* aufklapp* geoffnet | type: gib gibst geben eingeben
type: eintragen trag trage tragen schreib* ausfullen fulle fullen | tick: hak hake haken anhak* abhak*
tick: ankreuz* kreuz* markier* *kastchen schalter regler | go: gehe gehen geh navigier* wechsel* wechseln
drag: zieh ziehe ziehen | scroll: scroll* blatter* | hover: maus mauszeiger | button: schaltflach*
button: *schaltflache knopf* *knopf *button buttons | menu: *menu *menus klappliste* auswahlliste*
tab: registerkarte* reiter *kartenreiter | icon: *symbol *symbols zahnrad* stift papierkorb* lupe glocke
dialog: *dialog *dialogs *fenster popup* | field: *feld *felder | rows: *tabelle *liste listen *zeile
rows: *zeilen *spalte | page: *seite *seiten *bildschirm bereich *ansicht ubersicht | bar: *leiste
bar: navigation kopfzeile fusszeile | settings: *einstellung *einstellungen konfigur* | option: *option
option: *optionen eintrag | account: konto *konto profil* | link: link verknupfung* | key: tastatur* taste
key: tasten *taste tastenkurzel tastenkombination* strg umschalt* eingabetaste doppelklick* rechtsklick*
left: links linke linken linker linkem | right: rechts rechte rechten rechter rechtem *rechts | top: oben
top: obere oberen oberer oberhalb | bottom: unten untere unteren unterer unterhalb ~unter | centre: mitte
centre: mittig | beside: neben daneben | time: sekunde* minute* stunde* | auto: automatisch* von_selbst
auto: selbststandig | sure: garantier* immer niemals nie dauerhaft* | free: kostenlos* gratis umsonst kosten
free: gebuhr* rabatt* | undo: ruckgangig* wiederherstell* widerruf* | mail: mail mails *mail *mails postfach
mail: benachrichtig* | save: speicher* gespeichert abspeichern | confirm: bestatig* absende* anwend*
confirm: ubernehm* ok ~enter ~eingabetaste | cancel: abbrech* abbruch schliess* | send: send* versend*
send: verschick* gesendet schick* | delete: losch* geloscht entfern* | search: suchfeld* suchleiste*
search: suchfunktion | filter: filter* | refresh: aktualisier* neu_laden neustart* neu_starten synchronis*
download: herunterlad* heruntergeladen download* | upload: hochlad* importier* anhang anhangen
export: export* | print: drucker ausdruck* | share: teilen teile freigeb* | copy: kopier* duplizier*
login: anmeld* abmeld* einlogg* ausloggen registrier* | help: hotline kundendienst administrator* anruf*
help: telefon* | install: installier* erweiterung* premium* | password: passwort* kennwort* zugangsdaten pin
pay: bezahl* zahlung* zahlen kauf* gehalt* | colour: rot rote roten blau* grau* orange gelb* lila farb*
colour: *farbe hervorgehoben grun grune gruner grunen grunes | card: kreditkart* | soon: sofort* augenblick*
soon: augenblicklich | days: morgen woche* *woche wochentlich taglich jahrlich monat* *monat monatlich tage
days: tagen | sort: sortier* umsortier* | transfer: uberweis* uberwiesen | schedule: zeitplan* wiederhol*
schedule: terminier* | several: mehrere mehreren mehrerer ~viele ~vielen ~beide ~paar
"""
_FR = """
click: cliqu* appuy* touchez reglez definissez indiquez selectionnez selectionner choisissez choisir choisis
open: ouvr* | type: saisi* entrez entrer tapez taper rempli* ecri* collez | tick: coch* case cases
tick: interrupteur* curseur | go: allez aller rendez naviguez accedez visitez | drag: glissez deposez
drag: faites_glisser | scroll: defil* | hover: souris survol* | button: bouton* | menu: menu*
menu: liste_deroulante | tab: onglet* | icon: icone* engrenage roue crayon corbeille loupe cloche
dialog: dialogue fenetre* popup* | field: champ* zone_texte | rows: tableau liste ligne* colonne*
page: page pages ecran* section* panneau volet | bar: barre* navigation entete | settings: parametre*
settings: reglage* preference* configur* | option: option* | account: compte* profil* | link: lien liens
key: touche touches raccourci* clavier* ctrl maj echap double_clic clic_droit double_cliquez | left: gauche
right: a_droite droite de_droite | top: haut superieur* | bottom: bas inferieur* ~sous | centre: milieu
centre: centre | beside: a_cote | time: seconde secondes minute* heure heures | auto: automatiq*
sure: garanti* toujours jamais definitiv* | free: gratuit* payant* frais prix remise* | undo: annuler_action
undo: retablir restaur* reversible | mail: mail mails email* courriel* e_mail notifi* sms | save: enregistr*
save: sauvegard* | confirm: confirm* valid* soumet* appliqu* ok ~entree | cancel: annul* ferm*
send: envoy* envoi* expedi* | delete: supprim* effac* retir* | search: champ_recherche barre_recherche
filter: filtr* | refresh: actualis* recharg* redemarr* synchronis* | download: telecharg* | upload: importez
upload: importer | export: export* | print: imprim* | share: partag* | copy: copi* dupliqu*
login: connect* deconnect* inscri* identifi* | help: assistance support administrateur* appelez telephone*
install: install* extension* premium* | password: passe identifiants pin | pay: payez payer paiement* achet*
pay: achat* salaire* | colour: rouge* vert verte verts vertes bleu* gris* jaune* couleur* surligne*
card: carte_bancaire carte_credit | soon: instant* immediat* | days: demain semaine* jours quotidien* mois
days: mensuel* | sort: tri triez trier | transfer: virement* | schedule: planifi* recurren* programmer
schedule: programmez | several: plusieurs
"""
_ES = """
click: clic puls* presion* elig* elij* elegir escog* toca toque define defina configura indica selecciona
click: seleccione seleccionar | open: abr* | type: escrib* introduc* ingres* rellen* teclea* pega
tick: marca marque marcar marcas desmarc* casilla* interruptor* | go: ve_a vaya ir_a dirige* navega accede
go: visita | drag: arrastr* suelta | scroll: desplaza* desplaz | hover: raton | button: boton* | menu: menu*
menu: desplegable* | tab: pestana* | icon: icono* engranaje lapiz papelera lupa campana | dialog: ventana*
dialog: dialogo emergente* | field: campo campos cuadro_texto | rows: tabla lista fila filas columna*
page: pagina* pantalla* seccion* panel | bar: barra* navegacion encabezado cabecera | settings: ajuste
settings: ajustes configur* preferencia* | option: opcion* | account: cuenta perfil* | link: enlace*
link: vinculo* | key: tecla teclas teclado* atajo* ctrl mayus esc doble_clic clic_derecho | left: izquierd*
right: derech* | top: arriba superior* | bottom: abajo inferior* ~bajo debajo | centre: centro
beside: al_lado junto_a | time: segundo segundos minuto* hora horas | auto: automatic* | sure: garantiz*
sure: garantia siempre nunca permanente* | free: gratis gratuit* coste* precio* descuento* | undo: deshac*
undo: deshaz restaur* revert* | mail: mail correo* email* notific* sms | save: guard* | confirm: confirm*
confirm: envialo aplic* acept* valid* ~intro ~enter | cancel: cancel* cerrar cierr* | send: enviar envia
send: envie envias | delete: elimin* borr* suprim* quitar | search: busqueda buscador | filter: filtr*
refresh: actualiz* recarg* reinici* sincroniz* | download: descarg* | upload: subir sube adjunt* importar
upload: importacion | export: export* | print: imprim* | share: compart* | copy: copi* duplic*
login: inicia_sesion iniciar_sesion cierra_sesion | help: soporte asistencia administrador* llama llame
help: telefon* | install: instal* extension* premium* | password: contrasen* clave pin | pay: salario* pague
pay: pagar pago pagos paga compra comprar compras | colour: roj* verde* azul* gris* amarill* color*
colour: resaltad* | card: tarjeta* | soon: instante* inmediat* | days: manana semana* dias diario* mes meses
days: mensual* | sort: ordena ordene ordenar | transfer: transferencia* | schedule: planific* programar
schedule: programe programado | several: varios varias multiples ~muchos ~ambos
"""
_IT = """
click: clic clicc* prem* tocca scegl* imposta imposti definisci indica seleziona selezionare selezioni
open: apr* apert* | type: digit* scriv* inser* immett* compil* incolla | tick: spunt* casella caselle
tick: interruttore | go: vai andare naviga accedi visita | drag: trascin* | scroll: scorr* | hover: mouse
button: pulsant* bottone bottoni | menu: menu* tendina | tab: scheda schede | icon: icon* ingranaggio matita
icon: cestino lente campanella | dialog: finestra finestre dialogo popup* | field: campo campi casella_testo
rows: tabella elenco lista riga righe colonna* | page: pagina pagine schermata* sezione* pannello
bar: barra* navigazione intestazione | settings: impostazion* preferenz* configur* | option: opzion* voce
account: account profilo* | link: collegamento link | key: tasto tasti tastiera scorciatoia* ctrl maiusc esc
key: doppio_clic | left: sinistr* | right: destra destro | top: alto superior* sopra | bottom: basso
bottom: inferior* sotto | centre: centro | beside: accanto fianco | time: secondo secondi minut* ora_ore
auto: automatic* | sure: garant* sempre mai definitiv* | free: gratis gratuit* costo costi prezz* sconto
undo: annulla_azione ripristin* | mail: mail email* posta notific* sms | save: salv* | confirm: conferm*
confirm: applic* invialo ok ~invio | cancel: annull* chiud* | send: invi* | delete: elimin* cancell* rimuov*
search: ricerc* ricerca | filter: filtr* | refresh: aggiorn* ricaric* riavvi* sincronizz*
download: scaric* | upload: caric* allega* importare importazione | export: esport* | print: stamp*
share: condivid* condivis* | copy: copi* duplic* | login: accesso disconnet* | help: assistenza supporto
help: amministrator* chiam* telefon* | install: install* estension* premium* | password: password pin
password: credenziali | pay: acquist* stipend* paga pagare pagamento pagamenti | colour: ross* verde* blu
colour: grigi* giall* color* evidenziat* | card: carta_credito | soon: istant* immediat* subito
days: domani settiman* giorni mese mesi mensil* | sort: ordina ordinare | transfer: bonifico
schedule: pianific* programmare | several: piu_di diversi multipl* ~molti ~entrambi
"""
_PT = """
click: clic* cliqu* clicar toque defina definir configure indique decida carregue carrega carregar
click: carregando toca tocar selecione selecionar seleciona selecionando escolha escolher escolhe escolhendo
click: pressione pressionar pressionando pressiona | open: abr* | type: digit* escrev* insir* inser*
type: introduz* preench* cole | tick: marque marcar marca assinal* desmarc* caixa caixas interruptor*
go: va_para va_a acess* naveg* aced* | drag: arrast* | scroll: role rolar deslize | hover: rato mouse
button: botao botoes | menu: menu* suspenso | tab: aba abas separador* | icon: icone* engrenagem lapis
icon: lixeira lupa sino | dialog: janela* dialogo popup* | field: campo campos | rows: tabela lista linha
rows: linhas coluna* | page: pagina* tela ecra secao seccao painel | bar: barra* navegacao cabecalho
settings: configurac* definic* preferenc* ajustes | option: opcao opcoes | account: conta perfil*
link: link ligacao | key: tecla teclas teclado atalho* ctrl esc | left: esquerd* | right: direit*
top: superior* topo acima cima | bottom: inferior* baixo abaixo ~sob embaixo | centre: centro
beside: ao_lado | time: segundo segundos minuto* hora horas | auto: automatic* | sure: garant* sempre nunca
sure: permanente* | free: gratis gratuit* custo* preco* desconto* | undo: desfaz* restaur* revert*
mail: mail email* correio notific* sms | save: salv* guard* | confirm: confirm* aplic* aceit* ~enter
cancel: cancel* fech* | send: envi* | delete: elimin* apag* remov* exclua excluir exclui | search: pesquis*
filter: filtr* | refresh: atualiz* recarreg* reinici* sincroniz* | download: baix* descarreg* transfer*
upload: anex* importar importacao | export: export* | print: impressora imprim* | share: compartilh*
share: partilh* | copy: copi* duplic* | login: entrar_conta login sessao | help: suporte assistencia
help: administrador* ligue telefon* | install: instal* extens* premium* | password: senha* palavra_passe pin
pay: salari* pague pagar pagamento pagamentos pago paga compra comprar compras | colour: vermelh* verde*
colour: azul* cinza* amarel* cor cores colorid* destacad* | card: cartao cartoes | soon: instant* imediat*
days: amanha semana* dias diari* mes meses mensal* | sort: ordena ordene ordenar | transfer: transfer*
schedule: agende agendar repete repetir programar programe | several: varios varias multiplos ~muitos ~ambas
several: ~ambos
"""
_NL = """
click: klik* druk* tik tikt kies kiez* selecteer* stel bepaal | open: open* | type: typ* vul vult invullen
type: voer invoeren schrijf plak | tick: vink* aanvink* vakje *vakje selectievak* schakelaar | go: ga_naar
go: navigeer* bezoek | drag: sleep* slepen | scroll: scroll* | hover: muis | button: knop* *knop
menu: *menu keuzelijst* | tab: tabblad* tab | icon: pictogram* icoon* tandwiel potlood prullenbak
icon: vergrootglas | dialog: venster* dialoog* pop_up | field: veld* *veld | rows: tabel lijst rij rijen
rows: kolom* | page: pagina* scherm* sectie paneel | bar: balk *balk navigatie | settings: instelling*
settings: voorkeur* configur* | option: optie opties | account: account profiel* | link: link koppeling
key: toets toetsen *toets toetsenbord sneltoets* ctrl dubbelklik* | left: links linker* | right: rechts
right: rechter* | top: boven bovenaan bovenste | bottom: onderaan onderste beneden ~onder | centre: midden
beside: naast | time: seconde seconden minuut minuten uur | auto: automatisch* vanzelf | sure: garand*
sure: altijd nooit permanent* | free: gratis kosten prijs korting | undo: ongedaan herstel* | mail: mail
mail: mails email* melding* sms | save: opslaan sla bewaar* opgeslagen | confirm: bevestig* toepas* ok
confirm: ~enter | cancel: annuleer* sluit* | send: verstuur* verzend* stuur* | delete: verwijder* wis wissen
search: zoekveld zoekbalk | filter: filter* | refresh: vernieuw* herlaad* herstart* synchronis*
download: download* | upload: upload* importeer* bijlage | export: exporteer* export* | print: print*
print: afdruk* | share: deel delen | copy: kopieer* dupliceer* | login: inlog* log_in uitlog* registreer*
login: aanmeld* | help: helpdesk beheerder* bel telefoon* | install: installeer* extensie* premium*
password: wachtwoord* pin | pay: betaal* betal* koop salaris* | colour: rood rode groen* blauw* grijs* geel
colour: gele kleur* | card: creditcard* | soon: direct onmiddellijk meteen | days: morgen week* weken dagen
days: maand* | sort: sorteer* | transfer: overschrij* | schedule: plan* herhaal* | several: meerdere ~veel
several: ~beide
"""
_PL = """
click: klikn* kliknij nacisn* nacisnij wybierz dotknij wskaz* ustaw* okresl* zdecyduj* wybrac zaznacz
click: zaznaczyc | open: otworz* otwier* | type: wpisz* wprowadz* uzupeln* wklej | tick: zaznacz* odznacz*
tick: pole_wyboru przelacznik* | go: przejdz* | drag: przeciag* | scroll: przewin* | hover: mysz*
button: przycisk* guzik | menu: menu rozwijan* | tab: kart* zakladk* | icon: ikon* olowek kosz lupa
dialog: okno okn* okienk* dialog* | field: pole pola polu | rows: tabel* lista liscie listy wiersz* kolumn*
page: ekran* sekcj* panel* strony strone strona | bar: pasek pasku nawigac* | settings: ustawien* preferenc*
settings: konfigur* | option: opcj* | account: konto koncie profil* | link: link odnosnik* | key: klawisz*
key: klawiatur* skrot* ctrl | left: lewo lewej lewy lewym lewa | right: prawo prawej prawy prawym prawa
top: gorze gore gorny gornej gornym gorna | bottom: ~pod ponizej dole dolu dolny dolnej dolnym
centre: srodku | beside: obok | time: sekund* minut* godzin* | auto: automatyczn* | sure: gwarant* zawsze
sure: nigdy trwale | free: darmow* bezplatn* koszt* cena cene ceny | undo: cofn* cofnij przywro*
mail: mail* e_mail email* powiadom* sms | save: zapisz* zapisa* zapis | confirm: potwierdz* zatwierdz*
confirm: zastosuj* ok ~enter | cancel: anuluj* zamkn* | send: wysl* wyslij | delete: usun* skasuj*
search: wyszuk* wyszukiw* | filter: filtr* | refresh: odswiez* synchroniz* | download: pobierz* pobra*
upload: przeslij* importuj* zalacz* | export: eksport* | print: drukuj* wydruk* | share: udostepn*
copy: kopiuj* skopiuj* | login: zaloguj* wyloguj* zarejestr* | help: pomoc_techniczna administrator* zadzwon
help: telefon* | install: zainstaluj* premium* | password: haslo hasla hasle pin | pay: zaplac* platn* kup
pay: wynagrodzen* pensj* pieniad* | colour: czerwon* zielon* niebiesk* szar* zolt* kolor* podswietl*
card: kart_kredytow* karta_kredytowa | soon: natychmiast* od_razu | days: jutro tydzien tygodni* dni
days: codzienn* miesiac* miesiec* | sort: sortuj* posortuj* | transfer: przelew* | schedule: zaplanuj*
schedule: cykliczn* powtarza* | several: ~wiele ~wielu ~oba ~kilka ~kilku
"""
_JA = """
click: クリック 押 タップ 選択して 選択しま 選択する 選んで 選びま 選ぶ 決めて 決めま 指定して 指定しま
open: 開 | type: 入力 記入 | tick: ボックス スイッチ チェックボックス チェックを入 チェックを付
tick: チェックマーク | go: 移動 | drag: ドラッグ | scroll: スクロール | button: ボタン | menu: メニュー
tab: タブ | icon: アイコン 歯車 | dialog: ダイアログ ウィンドウ ポップアップ | field: 欄 フィールド
rows: 一覧 リスト 表の テーブル 各行 | page: ページ 画面 パネル | bar: ツールバー サイドバー ナビゲーション
settings: 設定 | option: オプション | account: アカウント プロフィール | link: リンク | key: キー
key: ショートカット | left: 左 | right: 右 | top: 上部 右上 左上 上の 上に | bottom: 下部 右下 左下 下の
bottom: 下に | centre: 中央 | beside: 隣 | time: 秒 分以内 数分 時間で 時間以内 | auto: 自動 | sure: 常に
sure: 保証 絶対 | free: 無料 料金 | undo: 元に戻 取り消 | mail: メール 通知 | save: 保存 | confirm: 確定
confirm: 適用 承認 ~Enter | cancel: キャンセル 閉じ | send: 送信 送る | delete: 削除 | search: 検索
filter: フィルタ | refresh: 更新 再読み込み 同期 再起動 | download: ダウンロード | upload: アップロード
upload: インポート 添付 | export: エクスポート 書き出 | print: 印刷 | share: 共有 | copy: コピー 複製
login: ログイン サインイン | help: サポート 管理者 電話 | install: インストール 拡張 プレミアム
password: パスワード 暗証 | pay: 支払 購入 支給 給与 返金 | colour: 赤 緑色 青 灰色 グレー 黄色 色が
card: カード番号 クレジット | soon: すぐに 即座 | days: 翌日 翌営業日 明日 毎週 日以内 営業日 毎月 月次 翌月
sort: 並べ替え 並び替 | transfer: 振り込 振込 | schedule: スケジュール 繰り返 定期 日時指定 | several: 複数
several: いくつか ~数分 ~両方 ~多数
"""

_NUMBERS = {
    "en": "two three four five six seven eight nine ten eleven twelve",
    "de": "zwei drei vier funf sechs sieben acht neun zehn elf zwolf",
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez - doce",
    "it": "due tre quattro cinque - sette otto nove dieci undici dodici",
    "pt": "dois tres quatro cinco seis sete oito nove dez onze doze",
    "nl": "twee drie vier vijf zes zeven acht negen tien elf twaalf",
    "pl": "dwa trzy cztery piec szesc siedem osiem dziewiec dziesiec jedenascie dwanascie",
    "ja": "二つ 三つ 四つ 五つ",
}
_SMALL_WORDS = {
    "en": (
        "the a an and to of in on you your it is are that this with for then now just from at "
        "every each want by or as be can do does have here if its not all so they them their "
        "there up what when where which will one next once i me my we our no don doesn isn didn t "
        "s re ll ve m sorry help him her his she he any some only still already who whose into "
        "out over about after before while until also too very more than how why yes sure was "
        "were been has had would could should may might both"
    ),
    "de": (
        "der die das den dem des und sie ihr ihre ihren ist sind auf dann mit fur eine einen ein "
        "im zum zur nicht du dein deine nun jetzt hier wie wenn zu in an aus es so alle noch oder "
        "als bei einem einer danach damit dort was ich mir mich habe kein keine keinen leider "
        "kann kannst konnen konnten dafur dazu darin davon daran ihnen ihm wir uns man sich wird "
        "werden wurde war hat haben aber auch nur schon mehr sehr denn weil dass ob wo wer welche "
        "welchen welcher diese dieser diesen dieses jede jeder jeden ihres ihrer deinen deiner "
        "bitte gerne hast bist soll sollen willst mochten mochtest gibt gleich einfach erst "
        "sobald ins vom beim"
    ),
    "fr": (
        "le la les l un une des du d de et vous votre vos puis dans pour sur est qui que avec "
        "cette ce au aux en a ou par si tous toutes y se sont ensuite maintenant ici il elle ils "
        "chaque tu ton ta tes je j me mon ma mes n ne pas ai avez as ete etre pouvez peux peut "
        "nous on leur lui desole plus tres bien deja aussi seulement cet ces quel quelle dont "
        "quand comme afin voulez souhaitez veux celui fois"
    ),
    "es": (
        "el la los las un una del de y tu su sus que para en con luego ahora es se al lo este "
        "esta estos a o por si todos todas cada te aqui como donde quieras quieres despues yo me "
        "mi no he tengo tiene tienes puedo puedes puede les le nos esa ese eso esas estas mas muy "
        "ya tambien solo pero porque cuando cual quien son fue ser estar hay usted hasta desde "
        "sobre"
    ),
    "it": (
        "il lo la l gli le un una del della dei delle di e che per con poi nel nella su sul sulla "
        "al alla questo questa tuo tua ora in da o ogni ti si qui come dove vuoi i io mi mio non "
        "ho hai ha posso puoi puo ci ne noi loro quello quella quelle piu molto gia anche solo ma "
        "perche quando quale chi sono stato essere hanno fino sulle nelle degli dal dalla ecco "
        "cosi"
    ),
    "pt": (
        "o a os as um uma do da dos das de e que para com em no na nos nas seu sua ao depois "
        "agora este esta ou por se todos todas cada voce aqui como onde quer eu me meu minha nao "
        "tenho tem pode podes posso sao foi ser estar ja tambem so mas porque quando qual quem "
        "isso essa esse esses essas aquele mais muito aos pelo pela num numa ate sobre entre ele "
        "ela eles elas teu tua basta assim quais"
    ),
    "nl": (
        "de het een en van op je uw naar met voor dan nu die dat deze in is te aan om u of bij "
        "hier elke alle wil ik mij mijn niet geen heb heeft hebt kan kunt kunnen ook maar want "
        "wanneer wie welke zijn was worden wordt zo al meer heel hun hem haar wij ons jouw uit "
        "tot over door"
    ),
    "pl": (
        "w i na do z sie aby nastepnie teraz jest ktore ktory twoj dla po to nie lub oraz ten ta "
        "te swoje kazdy ja mi mnie moj mam masz ma mozesz moze moge mozna niestety tej tego tym "
        "tych tam tu tutaj jak gdzie kiedy kto co czy juz tez takze tylko ale bo wiec beda bedzie "
        "byl sa jego jej ich oba obie od przy przez pod nad wszystkie wszystkich kazda kazdego "
        "sobie ze za u gdy dlaczego potem jeszcze"
    ),
    "ja": "を に の は が で て と も から まで",
}
_TABLES = {"en": _EN, "de": _DE, "fr": _FR, "es": _ES, "it": _IT, "pt": _PT, "nl": _NL, "pl": _PL, "ja": _JA}
#: Languages whose words are looked for within a text.
SPACELESS = frozenset({"ja"})


class Language:
    """The words of one language.

    Args:
        table: ``concept: word word | concept: word``.
        numbers: the words for 2 to 12.
        small_words: words that claim nothing, by which a language is recognised.
    """

    def __init__(self, table: str, numbers: str, small_words: str) -> None:
        self.small_words = frozenset(small_words.split())
        self._words: dict[str, set[str]] = {}
        self._beginnings: dict[str, set[str]] = {}
        self._ends: dict[str, set[str]] = {}
        for entry in without_accents(table).replace("\n", "|").split("|"):
            concept, _, words = entry.strip().partition(": ")
            for word in words.split():
                self._add(word, concept)
        for number, word in enumerate(without_accents(numbers).split(), 2):
            self._add(word, f"number {number}")

    def _add(self, word: str, concept: str) -> None:
        if word.startswith("~"):
            word, concept = word[1:], f"~{concept}"
        place = (
            self._ends if word.startswith("*") else self._beginnings if word.endswith("*") else self._words
        )
        place.setdefault(word.strip("*"), set()).add(concept)

    def concepts_of(self, word: str) -> set[str]:
        """Return what one word, or two joined by ``_``, can mean."""
        found = self._words.get(word)
        if found is not None or "_" in word:
            return found or set()
        # The longest part says most: a header is no line, although a German "Kopfzeile" ends like one.
        for length in range(len(word), 1, -1):
            part = self._beginnings.get(word[:length], set()) | self._ends.get(word[-length:], set())
            if part:
                return part
        return set()

    def within(self, text: str) -> list[tuple[str, set[str]]]:
        """Return the known words that a text without spaces contains, and what they can mean."""
        return [(word, concepts) for word, concepts in self._words.items() for _ in range(text.count(word))]


def without_accents(text: str) -> str:
    """Return a text in lower case, without accents, and with full-width signs as usual ones."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(each for each in letters if not unicodedata.combining(each)).replace("ł", "l")


LANGUAGES = {code: Language(table, _NUMBERS[code], _SMALL_WORDS[code]) for code, table in _TABLES.items()}
