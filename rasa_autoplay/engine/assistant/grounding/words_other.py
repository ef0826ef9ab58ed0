"""The words of other languages, for :mod:`rasa_autoplay.engine.assistant.grounding.concepts`."""

from __future__ import annotations

__all__ = ["JA", "PL"]

PL = """
click: klikn* kliknij nacisn* nacisnij wybierz dotknij wskaz* ustaw* okresl* zdecyduj* wybrac zaznacz
click: zaznaczyc ~znajdz ~sprawdz ~porownaj ~podaj ~przyjmij ~wez wlacz aktywuj | open: otworz* otwier*
type: wpisz* wprowadz* uzupeln* wklej | tick: zaznacz* odznacz* pole_wyboru przelacznik* | go: przejdz*
drag: przeciag* | scroll: przewin* | hover: mysz* | button: przycisk* guzik | menu: menu rozwijan*
tab: kart* zakladk* | icon: ikon* olowek kosz lupa | dialog: okno okn* okienk* dialog* | field: pole pola
field: polu | rows: tabel* lista liscie listy wiersz* kolumn* | page: ekran* sekcj* panel* strony strone
page: strona | bar: pasek pasku nawigac* | settings: ustawien* preferenc* konfigur* | option: opcja opcje
option: opcji | account: konto koncie profil* ~klient* | link: link odnosnik* | key: klawisz* klawiatur*
key: skrot* ctrl | left: lewo lewej lewy lewym lewa | right: prawo prawej prawy prawym prawa | top: gorze
top: gore gorny gornej gornym gorna | bottom: ~pod ponizej dole dolu dolny dolnej dolnym | centre: srodku
beside: obok | time: sekund* minut* ~godzin* ~czas ~termin* godzin godziny godzine | auto: automatyczn*
sure: gwarant* zawsze nigdy trwale | free: darmow* bezplatn* koszt* cena cene ceny | undo: cofn* cofnij
undo: przywro* | mail: mail* e_mail email* powiadom* sms ~adres* ~zapros* ~kontakt* informac* poinform*
mail: zawiadom* wiadomosc* | save: zapisz* zapisa* zapis | confirm: potwierdz* zatwierdz* zastosuj* ok
confirm: ~enter ~sprawdz* ~zatwierdz* ~przyjmij | cancel: anuluj* zamkn* | send: wysl* wyslij ~zwrot*
send: ~oddaj* ~zapros* | delete: usun* skasuj* ~bez | search: wyszuk* wyszukiw* | filter: filtr*
refresh: odswiez* synchroniz* | download: pobierz* pobra* | upload: przeslij* importuj* zalacz*
export: eksport* | print: drukuj* wydruk* | share: udostepn* | copy: kopiuj* skopiuj* | login: zaloguj*
login: wyloguj* zarejestr* | help: pomoc_techniczna administrator* zadzwon telefon* | install: zainstaluj*
install: premium* | password: haslo hasla hasle pin | pay: zaplac* platn* kup wynagrodzen* pensj* pieniad*
pay: ~pieniadz* ~kwot* ~zwrot* ~faktur* ~oddaj* | colour: czerwon* zielon* niebiesk* szar* zolt* kolor*
colour: podswietl* | card: kart_kredytow* karta_kredytowa | soon: natychmiast* | days: jutro tydzien
days: tygodni* dni codzienn* miesiac* miesiec* ~dzien ~dnia ~data ~date ~kalendarz* | sort: sortuj*
sort: posortuj* | transfer: przelew* ~wracaj* ~oddaj* ~pieniadz* | schedule: zaplanuj* cykliczn* powtarza*
several: ~wiele ~wielu ~oba ~kilka ~kilku ~wszystkie ~kazd* | history: historia historii dziennik*
archive: archiw* | template: szablon* | draft: szkic* robocz* | note: notatk* komentarz* uwag*
tag: etykiet* | version: wersj* | calendar: kalendarz* | report: raport* statyst* wykres*
receipt: paragon* pokwitowan* zaswiadcz* | permission: uprawnien* rola role roli dostep*
"""

JA = """
click: クリック 押 タップ 選択して 選択しま 選択する 選んで 選びま 決めて 決めま 指定して 指定しま ~選ぶこと
click: 選ぶ ~確認 ~探 ~比較 有効に | open: 開 | type: 入力 記入 | tick: ボックス スイッチ チェックボックス
tick: チェックを入 チェックを付 チェックマーク | go: 移動 | drag: ドラッグ | scroll: スクロール
button: ボタン | menu: メニュー | tab: タブ | icon: アイコン 歯車 | dialog: ダイアログ ウィンドウ
dialog: ポップアップ | field: 欄 フィールド | rows: 一覧 リスト 表の テーブル 各行 | page: ページ 画面
page: パネル | bar: ツールバー サイドバー ナビゲーション | settings: 設定 | option: オプション
account: アカウント プロフィール | link: リンク | key: キー ショートカット | left: 左 | right: 右
top: 上部 右上 左上 上の 上に | bottom: 下部 右下 左下 下の 下に | centre: 中央 | beside: 隣 | time: 秒
time: 分以内 数分 時間で 時間以内 ~時刻 ~時間 | auto: 自動 | sure: 常に 保証 絶対 | free: 無料 料金
undo: 元に戻 取り消 | mail: メール 通知 知らせ 連絡 | save: 保存 ~残 | confirm: 確定 適用 承認 ~Enter ~確認
confirm: ~完了 ~公開 | cancel: キャンセル 閉じ | send: 送信 送る ~招待 ~返 | delete: 削除 | search: 検索
filter: フィルタ | refresh: 更新 再読み込み 同期 再起動 | download: ダウンロード | upload: アップロード
upload: インポート 添付 | export: エクスポート 書き出 | print: 印刷 | share: 共有 | copy: コピー 複製
login: ログイン サインイン | help: サポート 管理者 電話 | install: インストール 拡張 プレミアム
password: パスワード 暗証 | pay: 支払 購入 支給 給与 返金 ~金額 ~請求 ~給料 | colour: 赤 緑色 青 灰色 グレー
colour: 黄色 色が | card: カード番号 クレジット | soon: 即座 | days: 翌日 翌営業日 明日 毎週 日以内 営業日
days: 毎月 月次 翌月 ~日 ~月 ~毎月 | sort: 並べ替え 並び替 | transfer: 振り込 振込 | schedule: スケジュール
schedule: 繰り返 定期 日時指定 | several: 複数 いくつか ~数分 ~両方 ~多数 ~すべて ~全 ~各 ~毎月
history: 履歴 ログ | archive: アーカイブ バックアップ | template: テンプレート 雛形 | draft: 下書き
note: メモ コメント ノート | tag: タグ ラベル | version: バージョン | calendar: カレンダー 予定表
report: レポート 報告書 統計 グラフ | receipt: 領収書 証明書 | permission: 権限 役割
"""
