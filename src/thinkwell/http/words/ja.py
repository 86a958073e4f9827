"""Japanese: the words of the plain page."""

WORDS: dict[str, str] = {
    "composer.notice": "AIとの会話です。誤りもあるため、大切なことはご確認ください。",
    "composer.label": "質問",
    "action.send": "送信",
    "action.stop": "停止",
    "action.answerNow": "今すぐ回答",
    "welcome.title": "何を一緒に考えましょうか？",
    "turn.you": "質問",
    "turn.site": "回答",
    "nav.new": "新しい会話",
    "nav.label": "会話",
    "nav.untitled": "無題",
    "turn.place": "順番待ち：{waiting}人中{position}番目",
    "turn.placeHint": (
        "回答は自動で始まります。"
        "このページは閉じてもかまいません。回答は保存され、戻ったときにここで読めます。"
    ),
    "turn.engineStarting": "モデルを起動しています。質問は保存されており、準備ができ次第回答します。",
    "turn.engineDown": (
        "モデルが停止し、復旧中です。質問は保存されています。時間がかかる場合はお知らせします。"
    ),
    "turn.reading": "質問を読んでいます…",
    "turn.atLimit": "回答が長さの上限に達しました。",
    "turn.stopped": "ここで停止しました。",
    "turn.stoppedByOperator": "このサイトの運営者が回答を停止しました。",
    "turn.stoppedByReader": "読んでいる人がいなくなったため、停止しました。",
    "turn.interrupted": "回答中にサイトが停止しました。ここまでの内容を表示しています。",
    "turn.nothing": "回答は書かれませんでした。",
    "line.starts": "約{time}後に開始",
    "line.soon": "まもなく",
    "line.most": "{start}（10件中9件は{time}以内に開始）",
    "line.goesOn": "約{time}後に再開",
    "line.lighter": "利用の少ない方が先に入りました。",
    "line.cameBack": "1台のマシンが停止し、そこで書いていた回答が優先されました。",
    "line.paused": "ほかの方のため一時停止中です。",
    "thought.busy": "短い思考：サイトが混み合っています。",
    "thought.lengthened": "ご希望により、思考を続けます。",
    "receipt.ended.person": "ご希望により",
    "receipt.ended.load": "ほかの方のため早めに",
    "receipt.row.thought": "思考",
    "receipt.row.ended": "思考の終了",
    "time.seconds": "{seconds}秒",
    "time.minutes": "{minutes}分{seconds}秒",
    "receipt.label": "明細",
    "receipt.question": "質問 {count}",
    "receipt.questionCached": "質問 {count}（うちキャッシュ {cached}）",
    "receipt.thought": "思考 {count}",
    "receipt.answer": "回答 {count}",
    "receipt.rate": "{rate}トークン/秒",
    "receipt.waited": "待ち {time}",
    "receipt.row.total": "合計",
    "error.not_found": "すでにないか、ご自身のものではありません。",
    "error.conflict": "別の処理の途中です。少し待ってから、もう一度お試しください。",
    "error.too_large": "このサイトには長すぎます。",
    "error.context_length_exceeded": (
        "会話がモデルの読める長さを超えています。新しい会話を始めるか、短く質問してください。"
    ),
    "error.line_full": "現在、順番待ちがいっぱいです。しばらくしてからもう一度お試しください。",
    "error.engine_unavailable": "モデルが起動中か、接続できません。少し待ってから、もう一度お試しください。",
    "error.engine_refused": "モデルがこの質問を受け付けませんでした。",
    "error.engine_broken": "モデルの応答が途切れました。もう一度お試しください。",
    "error.engine_stalled": "モデルが応答しなくなりました。もう一度お試しください。",
    "error.storage_full": "会話を保存する空きがありません。運営者が空きを作る必要があります。",
    "error.storage_unavailable": "現在、会話を保存できません。少し待ってから、もう一度お試しください。",
    "error.interrupted": "回答中にサイトが停止しました。もう一度お試しください。",
    "error.other": "問題が発生しました。もう一度お試しください。",
    "plain.title": "JavaScriptなし",
    "plain.lead": "シンプルな入口です。スクリプトは不要で、どのブラウザーでも使えます。",
    "plain.full": "JavaScriptを使う通常のページ",
    "plain.recent": "会話の一覧",
    "plain.more": "続けて質問",
    "plain.languages": "言語",
    "plain.back": "戻る",
    "plain.leftOut": "会話が長いため、古いメッセージは今回読まれていません。",
    "plain.running": "この回答はまだ書いている途中です。続きを読むには、ページを再読み込みしてください。",
    "plain.empty": "質問が空です。",
    "plain.stale": "このフォームは古すぎるか、別のページから送られました。ここでもう一度質問してください。",
    "plain.share": (
        "現在、多くの方が質問しています。ここでは、同じネットワークの全員でマシンの一部を共有します。"
        "回答は届きますが、通常のページより遅くなることがあります。"
    ),
    "plain.price": "料金 {amount}",
    "plain.free": "無料",
    "plain.energy": "電力量 {amount}",
    "plain.energyGuess": "電力量 約{amount}",
    "plain.behind": "利用枠を使い切っていたため、ほかの方の後",
    "error.forbidden": "ここでは許可されていないため、何も行われませんでした。",
    "error.blocked": "このサイトの運営者は、こちらからの質問を受け付けていません。",
    "error.over_quota": "現在、利用枠を使い切っています。後でもう一度質問してください。",
    "error.too_many_at_once": (
        "待っている質問が、同時に受け付けられる数を超えています。先に回答をお待ちください。"
    ),
    "receipt.ended.budget": "選択した長さで",
    "receipt.ended.site": "サイトの上限で",
    "line.withinQuota": "利用枠が残っている方が先に入りました。",
    "line.behind": "利用枠を使い切ったため、ほかの方が優先されます。",
    "line.behindUntil": "利用枠を使い切ったため、ほかの方が優先されます。更新：{when}",
    "error.too_many_tries": "失敗した試行が多すぎます。少し待ってからお試しください。",
    "error.wrong_sign_in": "名前、パスワード、またはパスキーが正しくありません。もう一度お試しください。",
    "error.name_taken": "その名前はすでに使われています。別の名前を選んでください。",
    "error.link_used": "そのリンクは使用済みか、期限切れです。新しいリンクを依頼してください。",
    "error.not_signed_in": "会員向けの機能です。まずログインしてください。",
    "error.budget_spent": "このキーの予算を使い切りました。所有者が増やすことができます。",
    "error.out_of_scope": "このキーにはその権限がありません。",
    "error.proof_refused": (
        "ブラウザーの計算が受け付けられませんでした。失われたものはなく、順番もそのままです。"
    ),
    "error.log_expired": "この回答の経過はもう保存されていません。ページを再読み込みしてください。",
    "error.againAt": "{problem}次に可能な時刻：{when}",
    "error.sign_in_over": (
        "このログイン手続きは終了したか、別のブラウザーで始められたものです。最初からやり直してください。"
    ),
    "error.provider_unavailable": (
        "所属組織のログインに接続できません。少し待ってから、もう一度お試しください。"
    ),
    "error.provider_broken": (
        "所属組織のログインから正しくない応答がありました。何も変更されていません。"
        "その運営者にお知らせください。"
    ),
}
