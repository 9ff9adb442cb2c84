/// Letters that are written in several ways, and the one way in which a search compares them: marks
/// of Latin, Greek, Cyrillic and Arabic letters left out, and the forms that Unicode keeps for the
/// sake of older character sets (presentation forms, radicals, half-width letters) made the usual
/// ones.
enum LetterForms {
  /// By what a letter in small letters is written, where that is not itself.
  static let all: [UInt32: [Unicode.Scalar]] = {
    var all: [UInt32: [Unicode.Scalar]] = [:]
    for (first, letters) in runs {
      for (offset, letter) in letters.unicodeScalars.enumerated() where letter != "." {
        all[first + UInt32(offset)] = [letter]
      }
    }
    for (forms, letters) in several {
      for form in forms.unicodeScalars { all[form.value] = Array(letters.unicodeScalars) }
    }
    return all
  }()

  private static let several = [
    ("æǽǣ", "ae"), ("œ", "oe"), ("ßẞ", "ss"), ("ĳ", "ij"), ("ǳǆ", "dz"), ("ǉ", "lj"), ("ǌ", "nj"),
    ("ª", "a"), ("º", "o"), ("ﬀ", "ff"), ("ﬁ", "fi"), ("ﬂ", "fl"), ("ﬃ", "ffi"), ("ﬄ", "ffl"),
    ("ﬅﬆ", "st"), ("άᾶ", "α"), ("έ", "ε"), ("ή", "η"), ("ίϊΐ", "ι"), ("ό", "ο"), ("ύϋΰ", "υ"),
    ("ώ", "ω"), ("ς", "σ"), ("ёѐ", "е"), ("йѝ", "и"), ("ї", "і"), ("ў", "у"), ("ѓґ", "г"),
    ("ќ", "к"), ("آأإٱ", "ا"), ("ؤ", "و"), ("ئ", "ي"), ("ۀ", "ە"), ("ۂ", "ہ"), ("ۓ", "ے"),
    ("\u{FEF5}\u{FEF6}\u{FEF7}\u{FEF8}\u{FEF9}\u{FEFA}\u{FEFB}\u{FEFC}", "لا"),
    ("\u{FDF2}", "الله"), ("\u{E33}", "\u{E4D}\u{E32}"), ("\u{EB3}", "\u{ECD}\u{EB2}"),
    ("\u{FF9E}", "\u{3099}"), ("\u{FF9F}", "\u{309A}"), ("\u{EDC}", "\u{EAB}\u{E99}"),
    ("\u{EDD}", "\u{EAB}\u{EA1}"),
    ("ⅰ", "i"), ("ⅱ", "ii"), ("ⅲ", "iii"), ("ⅳ", "iv"), ("ⅴ", "v"), ("ⅵ", "vi"), ("ⅶ", "vii"),
    ("ⅷ", "viii"), ("ⅸ", "ix"), ("ⅹ", "x"),
    ("ⅺ", "xi"), ("ⅻ", "xii"), ("ⅼ", "l"), ("ⅽ", "c"), ("ⅾ", "d"), ("ⅿ", "m"),
  ]

  /// The letters of a stretch of code points, from the first on; `.` stands for itself.
  private static let runs: [(UInt32, String)] = [
    // Latin letters with marks.
    (
      0xDF,
      """
      ßaaaaaaæceeeeiiiidnooooo.ouuuuy.yaaaaaaccccccccddđdeeeeeeeeeeggg\
      ggggghhħhiiiiiiiiii..jjkk.llllll..łlnnnnnnnŋnooooooœœrrrrrrsssss\
      sssttttŧtuuuuuuuuuuuuwwyyyzzzzzzsƀɓƃƃƅƅɔƈƈɖɗƌƌƍǝəɛƒƒɠɣƕɩɨƙƙƚƛɯɲƞ\
      ɵooƣƣƥƥʀƨƨʃƪƫƭƭʈuuʊʋƴƴƶƶʒƹƹƺƻƽƽƾƿǀǁǂǃ.........aaiioouuuuuuuuuuǝa\
      aaaææǥǥggkkooooʒʒj...ggƕƿnnaaææøøaaaaeeeeiiiioooorrrruuuussttȝȝh\
      hƞȡȣȣȥȥaaeeooooooooyyȴȵȶȷȸȹⱥȼȼƚⱦȿɀɂɂƀʉʌɇɇɉɉɋɋɍɍɏɏ
      """
    ),
    (
      0x1E00,
      """
      aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm\
      mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv\
      wwwwwwwwwwxxxxyyzzzzzzhtwy.sẜẝßẟaaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee\
      eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyyỻỻỽỽỿỿ
      """
    ),
    // Greek ones.
    (
      0x1F00,
      """
      ααααααααααααααααεεεεεε..εεεεεε..ηηηηηηηηηηηηηηηηιιιιιιιιιιιιιιιι\
      οοοοοο..οοοοοο..υυυυυυυυ.υ.υ.υ.υωωωωωωωωωωωωωωωωααεεηηιιοουυωω..\
      ααααααααααααααααηηηηηηηηηηηηηηηηωωωωωωωωωωωωωωωωααααα.ααααααα.ι.\
      ..ηηη.ηηεεηηη...ιιιι..ιιιιιι....υυυυρρυυυυυυρ.....ωωω.ωωοοωωω...
      """
    ),
    // Radicals, and ideographs that are there twice.
    (
      0x2F00,
      """
      一丨丶丿乙亅二亠人儿入八冂冖冫几凵刀力勹匕匚匸十卜卩厂厶又口囗土士夂夊夕大女子宀寸小尢尸屮山巛工己巾干幺广廴廾弋弓彐彡彳心戈戶手\
      支攴文斗斤方无日曰月木欠止歹殳毋比毛氏气水火爪父爻爿片牙牛犬玄玉瓜瓦甘生用田疋疒癶白皮皿目矛矢石示禸禾穴立竹米糸缶网羊羽老而耒耳\
      聿肉臣自至臼舌舛舟艮色艸虍虫血行衣襾見角言谷豆豕豸貝赤走足身車辛辰辵邑酉釆里金長門阜隶隹雨靑非面革韋韭音頁風飛食首香馬骨高髟鬥鬯\
      鬲鬼魚鳥鹵鹿麥麻黃黍黑黹黽鼎鼓鼠鼻齊齒龍龜龠
      """
    ),
    (
      0xF900,
      """
      豈更車賈滑串句龜龜契金喇奈懶癩羅蘿螺裸邏樂洛烙珞落酪駱亂卵欄爛蘭鸞嵐濫藍襤拉臘蠟廊朗浪狼郎來冷勞擄櫓爐盧老蘆虜路露魯鷺碌祿綠菉錄\
      鹿論壟弄籠聾牢磊賂雷壘屢樓淚漏累縷陋勒肋凜凌稜綾菱陵讀拏樂諾丹寧怒率異北磻便復不泌數索參塞省葉說殺辰沈拾若掠略亮兩凉梁糧良諒量勵\
      呂女廬旅濾礪閭驪麗黎力曆歷轢年憐戀撚漣煉璉秊練聯輦蓮連鍊列劣咽烈裂說廉念捻殮簾獵令囹寧嶺怜玲瑩羚聆鈴零靈領例禮醴隸惡了僚寮尿料樂\
      燎療蓼遼龍暈阮劉杻柳流溜琉留硫紐類六戮陸倫崙淪輪律慄栗率隆利吏履易李梨泥理痢罹裏裡里離匿溺吝燐璘藺隣鱗麟林淋臨立笠粒狀炙識什茶刺\
      切度拓糖宅洞暴輻行降見廓兀嗀﨎﨏塚﨑晴﨓﨔凞猪益礼神祥福靖精羽﨟蘒﨡諸﨣﨤逸都﨧﨨﨩飯飼館鶴郞隷侮僧免勉勤卑喝嘆器塀墨層屮悔慨憎\
      懲敏既暑梅海渚漢煮爫琢碑社祉祈祐祖祝禍禎穀突節練縉繁署者臭艹艹著褐視謁謹賓贈辶逸難響頻恵𤋮舘..並况全侀充冀勇勺喝啕喙嗢塚墳奄奔\
      婢嬨廒廙彩徭惘慎愈憎慠懲戴揄搜摒敖晴朗望杖歹殺流滛滋漢瀞煮瞧爵犯猪瑱甆画瘝瘟益盛直睊着磌窱節类絛練缾者荒華蝹襁覆視調諸請謁諾諭謹\
      變贈輸遲醙鉶陼難靖韛響頋頻鬒龜𢡊𢡄𣏕㮝䀘䀹𥉉𥳐𧻓齃龎
      """
    ),
    // Presentation forms of Hebrew and Arabic.
    (
      0xFB1D,
      """
      י.ײעאדהכלםרת.ששששאאאבגדהוז.טיךכל.מ.נס.ףפ.צקרשתובכפ.
      """
    ),
    (
      0xFB50,
      """
      ٱٱٻٻٻٻپپپپڀڀڀڀٺٺٺٺٿٿٿٿٹٹٹٹڤڤڤڤڦڦڦڦڄڄڄڄڃڃڃڃچچچچڇڇڇڇڍڍڌڌڎڎڈڈژژڑڑکک\
      ککگگگگڳڳڳڳڱڱڱڱںںڻڻڻڻەەہہہہھھھھےےےے..............................\
      ...ڭڭڭڭۇۇۆۆۈۈ.ۋۋۅۅۉۉېېېېىى..................یییی
      """
    ),
    (
      0xFE80,
      """
      ءااااووااييييااببببةةتتتتثثثثججججححححخخخخددذذررززسسسسششششصصصصضضض\
      ضططططظظظظععععغغغغففففققققككككللللممممننننههههووىىيييي........
      """
    ),
    // Half-width katakana.
    (
      0xFF65,
      """
      .ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン
      """
    ),
  ]
}
