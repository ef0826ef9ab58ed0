"""The words of Romance languages, for :mod:`rasa_autoplay.engine.assistant.grounding.concepts`."""

from __future__ import annotations

__all__ = ["ES", "FR", "IT", "PT"]

FR = """
click: cliqu* appuy* touchez reglez definissez indiquez selectionnez selectionner choisissez choisir choisis
click: ~prenez ~trouvez ~verifiez ~cherchez activez activer | open: ouvr* | type: saisi* entrez entrer tapez
type: taper rempli* ecri* collez | tick: coch* case cases interrupteur* curseur | go: allez aller rendez
go: naviguez accedez visitez | drag: glissez deposez faites_glisser | scroll: defil* | hover: souris survol*
button: bouton* | menu: menu* liste_deroulante | tab: onglet* | icon: icone* engrenage roue crayon corbeille
icon: loupe cloche | dialog: dialogue fenetre* popup* | field: champ* zone_texte | rows: tableau liste
rows: ligne* colonne* | page: page pages ecran* section* panneau volet | bar: barre* navigation entete
settings: parametre* reglage* preference* configur* | option: option* | account: compte* profil*
link: lien liens | key: touche touches raccourci* clavier* ctrl maj echap double_clic clic_droit
key: double_cliquez | left: gauche | right: a_droite droite de_droite | top: haut superieur* | bottom: bas
bottom: inferieur* ~sous | centre: milieu centre | beside: a_cote | time: seconde secondes minute* heure
time: heures ~heure* ~creneau* | auto: automatiq* | sure: garanti* toujours jamais definitiv*
free: gratuit* payant* frais prix remise* | undo: annuler_action retablir restaur* reversible | mail: mail
mail: mails email* courriel* e_mail notifi* sms inform* previen* averti* | save: enregistr* sauvegard*
confirm: confirm* valid* soumet* appliqu* ok ~entree | cancel: annul* ferm* | send: envoy* envoi* expedi*
delete: supprim* effac* retir* | search: champ_recherche barre_recherche | filter: filtr*
refresh: actualis* recharg* redemarr* synchronis* | download: telecharg* | upload: importez importer
export: export* | print: imprim* | share: partag* | copy: copi* dupliqu* | login: connect* deconnect*
login: inscri* identifi* | help: assistance support administrateur* appelez telephone* | install: install*
install: extension* premium* | password: passe identifiants pin | pay: payez payer paiement* achet* achat*
pay: salaire* ~argent ~facture* ~montant* ~rembours* | colour: rouge* vert verte verts vertes bleu* gris*
colour: jaune* couleur* surligne* | card: carte_bancaire carte_credit | soon: instant* immediat*
days: demain semaine* jours quotidien* mois mensuel* ~jour ~date* ~calendrier | sort: tri triez trier
transfer: virement* | schedule: planifi* recurren* programmer programmez | several: plusieurs
history: historique* journal | archive: archiv* sauvegarde | template: modele* | draft: brouillon*
note: note notes commentaire* remarque* | tag: etiquette* | version: version* | calendar: calendrier* agenda
report: rapport* statistique* graphique* | receipt: recu justificatif* attestation*
permission: autorisation* droits role roles acces
"""

ES = """
click: clic puls* presion* elig* elij* elegir escog* toca toque define defina configura indica selecciona
click: seleccione seleccionar ~toma ~busca ~comprueba activa active | open: abr* | type: escrib* introduc*
type: ingres* rellen* teclea* pega | tick: marca marque marcar marcas desmarc* casilla* interruptor*
go: ve_a vaya ir_a dirige* navega accede visita | drag: arrastr* suelta | scroll: desplaza* desplaz
hover: raton | button: boton* | menu: menu* desplegable* | tab: pestana* | icon: icono* engranaje lapiz
icon: papelera lupa campana | dialog: ventana* dialogo emergente* | field: campo campos cuadro_texto
rows: tabla lista fila filas columna* | page: pagina* pantalla* seccion* panel | bar: barra* navegacion
bar: encabezado cabecera | settings: ajuste ajustes configur* preferencia* | option: opcion*
account: cuenta perfil* | link: enlace* vinculo* | key: tecla teclas teclado* atajo* ctrl mayus esc
key: doble_clic clic_derecho | left: izquierd* | right: derech* | top: arriba superior* | bottom: abajo
bottom: inferior* ~bajo debajo | centre: centro | beside: al_lado junto_a | time: segundo segundos minuto*
time: hora horas ~hora* | auto: automatic* | sure: garantiz* garantia siempre nunca permanente*
free: gratis gratuit* coste* precio* descuento* | undo: deshac* deshaz restaur* revert* | mail: mail correo*
mail: email* notific* sms informado informada aviso avisa avisan | save: guard* | confirm: confirm* envialo
confirm: aplic* acept* valid* ~intro ~enter | cancel: cancel* cerrar cierr* | send: enviar envia envie
send: envias | delete: elimin* borr* suprim* quitar | search: busqueda buscador | filter: filtr*
refresh: actualiz* recarg* reinici* sincroniz* | download: descarg* | upload: subir sube adjunt* importar
upload: importacion | export: export* | print: imprim* | share: compart* | copy: copi* duplic*
login: inicia_sesion iniciar_sesion cierra_sesion | help: soporte asistencia administrador* llama llame
help: telefon* | install: instal* extension* premium* | password: contrasen* clave pin | pay: salario* pague
pay: pagar pago pagos paga compra comprar compras ~dinero ~factura* ~importe* ~reembols* | colour: roj*
colour: verde* azul* gris* amarill* color* resaltad* | card: tarjeta* | soon: instante* inmediat*
days: manana semana* dias diario* mes meses mensual* ~dia ~fecha* ~calendario | sort: ordena ordene ordenar
transfer: transferencia* | schedule: planific* programar programe programado | several: varios varias
several: multiples ~muchos ~ambos | history: historial | archive: archivar respaldo* | template: plantilla*
draft: borrador* | note: nota notas comentario* | tag: etiqueta* | version: version* | calendar: calendario*
calendar: agenda | report: informe* estadistic* grafico* | receipt: recibo* comprobante* certificado*
permission: permiso* rol roles acceso
"""

IT = """
click: clic clicc* prem* tocca scegl* imposta imposti definisci indica seleziona selezionare selezioni
click: ~prendi ~trova ~verifica ~controlla attiva attivi | open: apr* apert* | type: digit* scriv* inser*
type: immett* compil* incolla | tick: spunt* casella caselle interruttore | go: vai andare naviga accedi
go: visita | drag: trascin* | scroll: scorr* | hover: mouse | button: pulsant* bottone bottoni | menu: menu*
menu: tendina | tab: scheda schede | icon: icon* ingranaggio matita cestino lente campanella
dialog: finestra finestre dialogo popup* | field: campo campi casella_testo | rows: tabella elenco lista
rows: riga righe colonna* | page: pagina pagine schermata* sezione* pannello | bar: barra* navigazione
bar: intestazione | settings: impostazion* preferenz* configur* | option: opzion* voce | account: account
account: profilo* | link: collegamento link | key: tasto tasti tastiera scorciatoia* ctrl maiusc esc
key: doppio_clic | left: sinistr* | right: destra destro | top: alto superior* sopra | bottom: basso
bottom: inferior* sotto | centre: centro | beside: accanto fianco | time: secondo secondi minut* ora_ore
time: ~ora ~orario | auto: automatic* | sure: garant* sempre mai definitiv* | free: gratis gratuit* costo
free: costi prezz* sconto | undo: annulla_azione ripristin* | mail: mail email* posta notific* sms informat*
mail: avvis* | save: salv* | confirm: conferm* applic* invialo ok ~invio | cancel: annull* chiud*
send: invi* | delete: elimin* cancell* rimuov* | search: ricerc* ricerca | filter: filtr*
refresh: aggiorn* ricaric* riavvi* sincronizz* | download: scaric* | upload: caric* allega* importare
upload: importazione | export: esport* | print: stamp* | share: condivid* condivis* | copy: copi* duplic*
login: accesso disconnet* | help: assistenza supporto amministrator* chiam* telefon* | install: install*
install: estension* premium* | password: password pin credenziali | pay: acquist* stipend* paga pagare
pay: pagamento pagamenti ~denaro ~soldi ~fattur* ~importo ~rimbors* | colour: ross* verde* blu grigi* giall*
colour: color* evidenziat* | card: carta_credito | soon: istant* immediat* | days: domani settiman* giorni
days: mese mesi mensil* ~giorno ~data ~calendario | sort: ordina ordinare | transfer: bonifico
schedule: pianific* programmare | several: piu_di diversi multipl* ~molti ~entrambi | history: cronologia
archive: archivi* | template: modello modelli | draft: bozza bozze | note: nota note commento commenti
tag: etichett* | version: versione versioni | calendar: calendario agenda | report: rapporto rapporti report
report: statistic* grafico | receipt: ricevuta scontrino certificat* | permission: permess* ruolo ruoli
permission: accesso
"""

PT = """
click: clic* cliqu* clicar toque defina definir configure indique decida carregue carrega carregar
click: carregando toca tocar selecione selecionar seleciona selecionando escolha escolher escolhe escolhendo
click: pressione pressionar pressionando pressiona ~encontre ~verifique ~confira ~informe ~veja ative ativar
open: abr* | type: digit* escrev* insir* inser* introduz* preench* cole | tick: marque marcar marca assinal*
tick: desmarc* caixa caixas interruptor* | go: va_para va_a acess* naveg* aced* | drag: arrast*
scroll: role rolar deslize | hover: rato mouse | button: botao botoes | menu: menu* suspenso | tab: aba abas
tab: separador* | icon: icone* engrenagem lapis lixeira lupa sino | dialog: janela* dialogo popup*
field: campo campos | rows: tabela lista linha linhas coluna* | page: pagina* tela ecra secao seccao painel
bar: barra* navegacao cabecalho | settings: configurac* definic* preferenc* ajustes | option: opcao opcoes
account: conta perfil* | link: link ligacao | key: tecla teclas teclado atalho* ctrl esc | left: esquerd*
right: direit* | top: superior* topo acima cima | bottom: inferior* baixo abaixo ~sob embaixo
centre: centro | beside: ao_lado | time: segundo segundos minuto* hora horas ~hora* ~horario*
auto: automatic* | sure: garant* sempre nunca permanente* | free: gratis gratuit* custo* preco* desconto*
undo: desfaz* restaur* revert* | mail: mail email* correio notific* sms ~endereco* ~convid* ~contato*
mail: informado informada informados avisado avisados aviso | save: salv* guard* | confirm: confirm* aplic*
confirm: aceit* ~enter ~aprov* ~liber* ~verific* ~confir* | cancel: cancel* fech* | send: envi* ~convid*
send: ~devol* | delete: elimin* apag* remov* exclua excluir exclui | search: pesquis* | filter: filtr*
refresh: atualiz* recarreg* reinici* sincroniz* | download: baix* descarreg* transfer* ~arquivo*
upload: anex* importar importacao ~arquivo* | export: export* | print: impressora imprim*
share: compartilh* partilh* | copy: copi* duplic* | login: entrar_conta login sessao | help: suporte
help: assistencia administrador* ligue telefon* | install: instal* extens* premium* | password: senha*
password: palavra_passe pin | pay: salari* pague pagar pagamento pagamentos pago paga compra comprar compras
pay: ~dinheiro ~fatura* ~valor* ~reembols* ~devol* | colour: vermelh* verde* azul* cinza* amarel* cor cores
colour: colorid* destacad* | card: cartao cartoes | soon: instant* imediat* | days: amanha semana* dias
days: diari* mes meses mensal* ~dia ~data ~agenda ~calendario | sort: ordena ordene ordenar
transfer: transfer* | schedule: agende agendar repete repetir programar programe ~reserva* ~agenda ~horario*
schedule: ~bloque* | several: varios varias multiplos ~muitos ~ambas ~ambos ~todos ~todas ~duas ~dois ~cada
history: historico log | archive: arquivar backup* | template: modelo modelos | draft: rascunho*
note: nota notas comentario* observac* | tag: etiqueta* | version: versao versoes | calendar: calendario*
calendar: agenda agendas | report: relatorio* estatistic* grafico* | receipt: recibo* comprovante*
receipt: certificado* | permission: permiss* funcao papel acesso
"""
