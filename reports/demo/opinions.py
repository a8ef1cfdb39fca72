"""What people write: opinions by role, follow-ups, comments; in the words of a loan office."""

from __future__ import annotations

import random

#: ``{flow}`` is a monthly bank flow and ``{debt}`` a sum of debts, both in 万元
OPINIONS: dict[str, tuple[str, ...]] = {
    "tl": (
        "已与客户经理双人实地走访,经营场所真实,存货与申报基本一致,资料齐全,同意上报。",
        "企业在本地经营多年,上下游稳定,近半年流水月均约{flow}万元,同意上报风控审查。",
        "借款用途真实,购销合同已核对原件,同意上报。",
        "客户为老客户介绍,口碑较好,主要关注第二还款来源的落实,同意上报。",
        "贷前调查报告内容完整,负债情况已逐笔核实,同意上报。",
        "已核对营业执照、征信授权及财务报表,未见异常,同意。",
        "现场盘点存货与台账误差在百分之五以内,实际控制人在场,同意上报。",
    ),
    "brm": (
        "经核查近十二个月银行流水,月均{flow}万元,与申报收入基本相符;征信无逾期记录,"
        "对外负债约{debt}万元,偿债能力尚可,同意。",
        "抵押物权属清晰,评估价参考周边成交价并下浮百分之十,抵押率在标准以内,同意。",
        "财务报表与纳税申报表口径一致,毛利率处于行业正常水平,同意报分公司总经理审批。",
        "企业及实际控制人征信各查询一次,近三个月无新增网贷,无被执行信息,同意。",
        "应收账款集中度偏高,已要求增加实际控制人夫妻连带责任保证,风险可控,同意。",
        "用电量与开工情况印证产能,水电费缴纳正常,第一还款来源可靠,同意。",
        "已电话回访主要下游客户两家,合作属实,回款周期约四十五天,同意。",
    ),
    "bgm": (
        "同意,请落实抵押登记后再行放款。",
        "同意上报。该户综合贡献较好,请客户经理按月跟踪回款。",
        "经分公司审议,同意按申报方案办理,放款后十五日内完成首次监管。",
        "同意。利率执行分公司指导价,不再下浮。",
        "方案合理,同意,请风控盯紧资金用途。",
    ),
    "hrm": (
        "总部风控复核:流水、纳税与用电三项交叉验证一致,集团合并敞口在限额内,同意。",
        "行业处于淡季,但订单覆盖率较高,抵押物变现能力较好,同意。",
        "复核征信及裁判文书,企业作为原告的合同纠纷一起已调解结案,不影响本笔,同意。",
        "同意分公司意见。请贷后监管部将该户列入首月重点走访名单。",
        "资产负债率约百分之五十二,短期偿债指标正常,同意。",
    ),
    "rc": (
        "主营突出,现金流能够覆盖利息支出,同意。",
        "抵押物足值,区位较好,同意按申报金额办理。",
        "行业周期性较强,建议放款后按季度复评,总体同意。",
        "股东背景清楚,未见隐性负债,同意。",
        "还款来源有订单支撑,同意。",
    ),
    "rcc": ("综合各委员意见,同意。请风险管理部落实后续跟踪。", "风险可控,同意委员会多数意见。"),
    "ceo": ("同意。请按委员会意见落实各项放款前提条件。",),
}

#: what people of a role keep for their own opinions, by act
PHRASES: dict[str, dict[str, tuple[str, ...]]] = {
    "TL": {
        "approve": (
            "资料齐全,同意上报。",
            "已实地核实,情况属实,同意上报。",
        ),
        "return": (
            "请补充近六个月银行流水。",
            "请补充借款用途证明材料后重新提交。",
        ),
    },
    "BRM": {
        "approve": ("资料齐全,同意上报。",),
        "approve_with_conditions": ("同意,请落实抵押登记。",),
        "return": (
            "请补充近六个月银行流水。",
            "请说明流水与申报收入不一致的原因。",
            "第一还款来源不足,建议增加担保措施。",
        ),
    },
    "BGM": {
        "approve": ("同意上报总部审批。",),
        "approve_with_conditions": ("同意,请落实抵押登记。",),
        "return": ("请重新测算额度后再报。",),
    },
    "HRM": {
        "approve": ("同意分公司意见。",),
        "approve_with_conditions": ("同意,请落实放款前提条件。",),
        "return": (
            "请补充近六个月银行流水。",
            "请补充集团合并口径的负债情况。",
        ),
    },
    "RC": {
        "approve": ("总体同意,请关注资金用途。",),
        "reject": ("第一还款来源不足,不同意。",),
    },
    "RCC": {
        "approve": ("综合各委员意见,同意。",),
        "reject": ("风险敞口过大,不同意。",),
    },
    "CEO": {
        "approve_with_conditions": ("同意,请落实放款前提条件。",),
        "return": ("暂缓,请补充论证。",),
    },
}
#: what the administrators offer to everybody
COMMON_PHRASES: dict[str, tuple[str, ...]] = {
    "approve": ("同意。", "同意,按审批意见办理。"),
    "approve_with_conditions": ("同意,请落实放款前提条件。",),
    "return": ("请补充材料后重新提交。", "请核实后重新提交。"),
    "reject": ("还款来源不足,不同意。",),
    "abstain": ("与本业务有利害关系,弃权。",),
    "answer": ("情况属实。",),
}

FOLLOW_UPS = (
    "电话沟通,客户有季节性备货需求,约下周上门详谈。",
    "上门走访,查看了仓库与近三个月出库单,生意稳定。",
    "客户对比了银行方案,主要看重放款时效,已说明我司流程。",
    "收到营业执照、近一年流水,征信授权书待法定代表人签字。",
    "与财务负责人核对应收账款明细,账龄多在九十天以内。",
    "客户出差,约定回来后当面确认用款时间。",
    "带评估人员看了抵押房产,初步评估价已反馈客户。",
    "客户希望利率再优惠,已答复以审批结果为准。",
    "补齐了购销合同和近两期纳税申报表。",
    "配偶担心担保责任,已当面解释合同条款,基本认可。",
    "走访下游客户一家,确认合作三年以上,回款及时。",
    "客户新接订单约{debt}万元,用款时间可能提前。",
)
NEEDS = (
    "旺季前备货,需要短期周转,希望随借随还。",
    "新接工程需垫付材料款,回款周期约六个月。",
    "原合作银行压缩授信,需要补充流动资金。",
    "计划更新设备,希望期限长一些,月供压力小。",
    "门店扩张装修,需要一笔一年期资金。",
    "收购季集中付款,资金缺口约三个月。",
)
COMPETITION = (
    "某城商行同时在谈,利率略低但需要两周以上。",
    "客户在两家小贷公司询过价。",
    "无明显竞争。",
    "担保公司愿意担保,但综合费用较高。",
    "",
)


class Writer:
    """Takes the next sentence of a pool and starts over when all of it was used."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._left: dict[int, list[str]] = {}

    def next_of(self, pool: tuple[str, ...], *, wan: float) -> str:
        """A sentence of the pool; sums in it are in proportion to ``wan``, a loan in 万元."""
        left = self._left.setdefault(id(pool), [])
        if not left:
            left += self._chance.sample(pool, len(pool))
        return left.pop().format(
            flow=round(wan * self._chance.uniform(0.5, 1.1)) or 1,
            debt=round(wan * self._chance.uniform(0.8, 1.9)) or 1,
        )

    def opinion(self, role: str, *, wan: float) -> str:
        return self.next_of(OPINIONS[role], wan=wan)
