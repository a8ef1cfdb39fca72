"""Applications that are with their officers, or whose approval has ended."""

from __future__ import annotations

from reports.demo.steps import (
    CARS,
    HOUSE,
    NONE,
    PERSON,
    PLANT,
    RECEIVABLES,
    Act,
    Appeal,
    Lending,
    Plan,
    Reach,
    Step,
    again,
    back,
    claimed,
    concluded,
    convened,
    no,
    ok,
    ok_if,
)

_WITH_HANDLER = (
    Plan(
        "济南泉润食品有限公司", "LDZJ", 1_200_000, 12, "11.4",
        "速冻水饺旺季原料采购", (PLANT,),
        (
            *ok("tl"),
            back("brm", "请补充近三个月电费单,并说明十月流水中两笔合计八十万元往来款的性质。"),
        ),
        idle=2.7, fee="0.8",
    ),
    Plan(
        "济南明湖印务有限公司", "FDJY", 480_000, 12, "10.8",
        "购置覆膜机并支付纸张货款", (HOUSE,),
        (
            *ok("tl", "brm"),
            back("bgm", "抵押房产存在租约,请重新测算可贷额并调整申请金额后再报。", directly=False),
        ),
        idle=9.3,
    ),
    Plan(
        "杜海燕", "XYJY", 160_000, 12, "15.6",
        "针织衫换季备货", (PERSON,),
        (back("tl", "担保人收入证明与征信显示单位不一致,请核实后重新提交。"),),
        idle=8.0, method="EQUAL_INSTALLMENT",
    ),
    Plan(
        "章丘鲁岱铸造有限公司", "LDZJ", 700_000, 6, "12",
        "采购生铁", (PLANT,),
        (
            *ok("tl"),
            Step(Act.WITHDRAW, text="客户取得下游预付款,暂缓用款,先行撤回。", hours=5.0),
        ),
        idle=19.0,
    ),
    Plan(
        "曲明", "XYJY", 130_000, 6, "15.6",
        "大排档淡季租金", (PERSON,),
        (Step(Act.WITHDRAW, text="客户调整还款方式,撤回后重新测算。", hours=3.0),),
        idle=41.0,
    ),
    Plan(
        "济南绿源生态园林有限公司", "LDZJ", 900_000, 12, "11.4",
        "苗木采购及绿化工程垫资", (HOUSE, PERSON),
        idle=3.3, fee="0.8", is_draft=True,
    ),
    Plan(
        "济南齐岳彩钢有限公司", "LDZJ", 300_000, 6, "12",
        "彩涂卷采购", (HOUSE,),
        idle=1.1, is_draft=True, is_complete=False,
    ),
    Plan(
        "姚德胜", "FDJY", 240_000, 12, "10.8",
        "蛤蜊苗投放", (HOUSE,),
        idle=11.0, is_draft=True, is_complete=False,
    ),
)  # fmt: skip

_APPROVED = (
    Plan(
        "济南恒岳建材有限公司", "LDZJ", 2_400_000, 12, "10.8",
        "在建项目水泥、钢筋集中供货", (HOUSE, PLANT),
        (
            *ok("tl", "brm", "bgm"),
            claimed("songyaqin"),
            Step(Act.RELEASE, "songyaqin", hours=1.5),
            claimed("hrm"),
            Step(Act.COPY, "hrm", others=("plm",)),
            *ok("hrm"),
            Step(Act.PRINT, text="归档", hours=1.0),
        ),
        days=54, fee="0.8", lending=Lending(begins=62.0),
    ),
    Plan(
        "济南天桥区聚福楼餐饮有限公司", "FDJY", 500_000, 12, "10.8",
        "老店翻新及厨房设备", (HOUSE,),
        (
            *ok("tl", "brm"),
            back("bgm", "餐饮淡季现金流偏弱,建议压缩金额至三十五万元后重新上报。", directly=False),
            again(amount=350_000, hours=12.0),
            *ok("tl", "brm", "bgm"),
        ),
        days=20, lending=Lending(Reach.TRANSFER_RUNS, begins=38.0, transfer_by=("bgm",)),
    ),
    Plan(
        "青岛锐捷模具有限公司", "LDZJ", 480_000, 12, "12",
        "采购模具钢", (HOUSE,),
        ok("tl", "brm", "bgm"),
        days=8, fee="1", lending=Lending(Reach.REVIEW_RUNS, begins=9.0, reviewed_by=()),
    ),
    Plan(
        "衣学文", "FDJY", 300_000, 10, "10.8",
        "果园化肥农药及套袋人工", (HOUSE,),
        (
            *ok("tl"),
            Step(
                Act.REASSIGN, "adm", "曹燕休假两周,改由总部何志远代为审查。",
                others=("hezhiyuan",),
            ),
            *ok("hezhiyuan", "bgm"),
        ),
        days=45,
        lending=Lending(
            Reach.TRANSFER_WAITS, begins=60.0, reviewed_by=("caoyan", "hrm"),
        ),
    ),
    Plan(
        "山东齐岳钢结构工程有限公司", "XYJY", 300_000, 12, "14.4",
        "厂房项目钢板采购", (PERSON, NONE),
        (
            *ok("tl", "brm", "bgm"),
            claimed("hrm"),
            ok_if(
                "hrm", "配偶签字", amount=250_000,
                text="无抵押物,建议压降金额并落实配偶共同签字,有条件同意。",
            ),
        ),
        days=12, method="EQUAL_INSTALLMENT",
        lending=Lending(Reach.REVIEW_DRAFT, unmet=("配偶签字",)),
    ),
    Plan(
        "济南万家乐家居有限公司", "FDJY", 480_000, 24, "10.2",
        "新店装修及样品采购", (HOUSE, PERSON),
        (
            *ok("tl", "brm", "bgm"),
            claimed("songyaqin"),
            Step(
                Act.TRANSFER, "songyaqin", "本周外出培训,请何志远代为审查。",
                others=("hezhiyuan",),
            ),
            ok_if(
                "hezhiyuan", "办妥第一顺位抵押登记", "装修合同及首付款凭证归档后放款",
                text="期限较长,月供覆盖尚可,落实抵押登记后放款,有条件同意。",
            ),
        ),
        days=35, method="EQUAL_INSTALLMENT", fee="0.5",
        lending=Lending(Reach.REVIEW_RUNS, begins=14.0, reviewed_by=("brm",)),
    ),
    Plan(
        "青岛恒达橡塑制品有限公司", "LDZJ", 6_000_000, 12, "9.9",
        "密封件扩产线流动资金", (PLANT, RECEIVABLES),
        (
            *ok("tl", "brm", "bgm"),
            claimed("hrm"),
            Step(Act.COPY, "hrm", hours=0.4, others=("rcs",)),
            *ok("hrm"),
            convened("rc1", "rc2", "rc3", "rc5"),
            Step(Act.ABSENT, "rcs", hours=1.0, others=("rc3",)),
            *ok("rc1"),
            ok_if("rc2", "家电主机厂回款账户纳入监管", amount=5_500_000),
            no("rc5", "行业景气下行,扩产后负债率偏高,建议观察一季度再报,不同意。"),
            ok_if("rcc", "分两次放款,首笔不超过三百万元", amount=5_500_000),
            concluded("到会四人,同意三票、不同意一票,通过;批准金额五百五十万元,分次放款。"),
            Step(Act.PRINT, text="随借款合同归档", hours=2.0),
        ),
        days=25, fee="0.3",
        lending=Lending(
            Reach.TRANSFER_RUNS, begins=45.0, parts=(3_000_000,), transfer_by=("bgm", "hrm")
        ),
    ),
)  # fmt: skip

_OVER = (
    Plan(
        "韩立军", "CLZY", 300_000, 12, "15.6",
        "购置渣土车一台", (CARS,),
        (
            *ok("tl"),
            no("brm", "车辆已在他处办理抵押登记,且近三个月征信查询七次,隐性负债无法核实,不同意。"),
        ),
        days=32,
        appeal=Appeal(
            200_000,
            "客户已结清他处借款并办理车辆解押,原否决所依据的抵押顺位问题已经消除。",
            "他处抵押登记已于本月注销,结清证明及最新征信报告均已取得,未见新增负债。",
            steps=(
                *ok("tl", "brm", "bgm"),
                claimed("hrm"),
                ok_if("hrm", "车辆办妥我司第一顺位抵押登记后放款", amount=180_000),
            ),
            days=16,
        ),
    ),
    Plan(
        "青岛新蓝海酒店管理有限公司", "LDZJ", 4_000_000, 18, "10.2",
        "酒店客房改造", (PLANT,),
        (
            *ok("tl", "brm", "bgm"),
            claimed("hezhiyuan"),
            *ok("hezhiyuan"),
            convened("rc1", "rc3", "rc4", "rc5"),
            *ok("rc1", "rc3", "rc5"),
            no("rc4", "物业租约剩余两年,短于贷款期限加处置期,抵押价值不足,不同意。"),
            no("rcc", "租约与贷款期限错配,且改造期间无经营收入,行使一票否决。"),
            concluded("到会五人,同意三票、不同意两票,主任委员行使一票否决,不通过。"),
        ),
        days=15, method="EQUAL_INSTALLMENT",
        appeal=Appeal(
            3_200_000,
            "出租方已同意续租并签署补充协议,租约期限覆盖贷款期限及处置期。",
            "租约续签至五年后,出租方出具同意抵押经营权的承诺函;压降金额至三百二十万元。",
            "追加出租方同意处置承诺函",
            (*ok("tl", "brm", "bgm"), claimed("hezhiyuan"), *ok("hezhiyuan")),
            idle=5.0,
        ),
    ),
    Plan(
        "济南绿源生态园林有限公司", "LDZJ", 500_000, 12, "12",
        "市政绿化工程苗木采购", (HOUSE,),
        (
            *ok("tl"),
            no("brm", "工程款回款依赖单一业主,结算周期无法确认,第一还款来源不足,不同意。"),
        ),
        days=9,
        appeal=Appeal(
            400_000,
            "业主方已出具结算确认书,回款时间明确,还款来源落实。",
            "取得业主方工程结算确认书,确认两个月内支付工程款六十二万元。",
            idle=5.0, is_draft=True,
        ),
    ),
    Plan(
        "迟宝山", "FDJY", 300_000, 24, "10.8",
        "渔船维修及设备更新", (HOUSE,),
        (
            *ok("tl", "brm"),
            no("bgm", "抵押房产为唯一住房且共有人未到场签字,处置存在障碍,不同意。"),
        ),
        days=60, method="EQUAL_INSTALLMENT",
        appeal=Appeal(
            300_000,
            "共有人已到场面签并出具同意抵押声明,原否决原因已部分消除。",
            "补充共有人面签影像及其名下另一处住房的产权证明复印件。",
            steps=(
                *ok("tl", "brm", "bgm"),
                claimed("songyaqin"),
                no("songyaqin", "另一处住房经核实已被查封,唯一住房处置障碍仍未消除,维持否决。"),
            ),
            days=45,
        ),
    ),
    Plan(
        "烟台开元液压销售有限公司", "LDZJ", 300_000, 6, "12",
        "采购液压件备货", (PERSON,),
        (
            *ok("tl"),
            no("brm", "近六个月流水波动大且无纳税记录佐证,收入真实性存疑,不同意。"),
        ),
        days=14,
        appeal=Appeal(
            250_000,
            "企业已补缴增值税并取得完税证明,收入真实性可以印证。",
            "补充近十二个月完税证明及主体企业出具的采购订单确认函。",
            steps=(back("tl", "请补充完税证明原件照片,并说明补缴原因。", hours=4.0),),
            idle=6.0,
        ),
    ),
    Plan(
        "德州恒信农机销售有限公司", "LDZJ", 260_000, 6, "12",
        "农机备货", (PERSON,),
        (Step(Act.VOID, text="客户改由当地银行授信,申请作废。", hours=6.0),),
        idle=30.0, is_draft=True, is_complete=False,
    ),
    Plan(
        "任晓东", "XYJY", 200_000, 12, "15.6",
        "家装水电材料垫资", (PERSON,),
        (
            back("tl", "工程合同甲方为个人且无发票,用途证明不足,请补充。"),
            Step(Act.VOID, text="客户无法提供用途证明,双方协商后作废。", hours=14.0),
        ),
        days=50,
    ),
    Plan(
        "山东博远教育设备有限公司", "LDZJ", 400_000, 6, "12",
        "采购板材及五金件", (HOUSE,),
        ok("tl", "brm", "bgm"),
        days=80, expires=True, copied_after=4.2,
    ),
)  # fmt: skip

SETTLED = (*_WITH_HANDLER, *_APPROVED, *_OVER)
