"""What supervision reports say, by how the borrower stands."""

from __future__ import annotations

import random

from customers.choices import CreditColour

_OPERATIONS = {
    CreditColour.GREEN: (
        "生产经营正常,在岗人员与上期持平,设备开工率约八成,在手订单充足。",
        "门店及仓库正常营业,本期销售收入较上期略增,存货周转正常。",
        "主要客户合作稳定,本期新增订单两笔,发货与回款节奏正常。",
    ),
    CreditColour.YELLOW: (
        "订单较上期减少约三成,部分设备停用,人员有流失,经营有所下滑。",
        "下游客户验收推迟,在制品积压,回款周期拉长。",
    ),
    CreditColour.RED: (
        "生产线已停工,厂区仅留值守人员,主要客户暂停下单,复工时间不明。",
        "经营场所间断营业,库存明显减少,借款人多次推迟见面。",
    ),
}
_FINANCES = {
    CreditColour.GREEN: (
        "本期结算账户流入稳定,无新增银行负债,水电费及工资按时支付。",
        "查看近半月流水及纳税申报表,收入与申报基本一致,负债未见增加。",
    ),
    CreditColour.YELLOW: ("应收账款余额上升,账户余额偏低,利息支付依赖股东垫款。",),
    CreditColour.RED: ("账户余额不足支付当月利息,拖欠工资及货款,现金流已经断裂。",),
}
_USE = ("资金已按合同用途使用完毕,未发现挪用。", "回款专户资金进出与购销合同相符。")
_SECURITY = (
    "抵(质)押物状态完好,权属未发生变化;保证人经营正常。",
    "保证人联系畅通,代偿意愿明确;担保物未见贬损。",
)
_WEAK_SECURITY = "担保物仍在,市场价格较评估时下降约一成;保证人表示正在筹款。"
_STEPS = {
    CreditColour.YELLOW: "缩短检查间隔,每周核对回款;约谈实际控制人,要求补充应收账款质押。",
    CreditColour.RED: "停止新增授信,发出催收函,核查可供执行财产,准备移交资产保全部。",
}
#: what approvers say to a supervision, and to its reports
SUPERVISED = (
    "资金流向与合同约定核对清楚,监管措施可行,同意。",
    "用途凭证已核对原件,同意纳入日常监管。",
    "已电话抽查交易对手,请按期报送监管报告,同意。",
)
OPINIONS = {
    CreditColour.GREEN: (
        "已阅,检查内容完整,同意。",
        "情况正常,继续按期检查。",
        "与系统还款记录核对一致,同意。",
        "同意,下期请补充流水明细。",
    ),
    CreditColour.YELLOW: (
        "关注类信号属实,同意按所列措施加强监管。",
        "同意,请每周反馈回款情况。",
    ),
    CreditColour.RED: (
        "风险已经暴露,同意停止新增授信并着手资产保全。",
        "同意,请尽快核实可供执行财产。",
    ),
}
_ARREARS = "另:当期利息未按时到账,已电话催收。"


def words(chance: random.Random, colour: str, *, is_behind: bool) -> dict[str, str]:
    """The texts of a report by their fields."""
    shade = CreditColour(colour)
    is_calm = shade == CreditColour.GREEN
    finances = chance.choice(_FINANCES[shade])
    return {
        "operations": chance.choice(_OPERATIONS[shade]),
        "finances": finances + _ARREARS if is_behind and is_calm else finances,
        "use_of_funds": chance.choice(_USE),
        "security": chance.choice(_SECURITY) if is_calm else _WEAK_SECURITY,
        "next_steps": _STEPS.get(shade, ""),
    }
