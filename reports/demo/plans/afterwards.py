"""What was asked for about loans after they were paid out, by customer."""

from __future__ import annotations

from reports.demo.matters import Paper, Recovery

_ARCHIVE = "结清业务已装订成册,移交档案室。"

REFUNDS = (
    Paper(
        "吕秀兰",
        {
            "relief_type": "REFUND",
            "reason": "NEGOTIATED",
            "amount": "320.00",
            "remark": "客户提前结清,协商退还结清当月多收的整月利息。",
        },
        days=35,
        people=("tl", "brm", "bgm", "fin"),
        files=(("OTHER", "客户退息申请及结清凭证"),),
    ),
)
WAIVERS = (
    Paper(
        "济南东方源印染有限公司",
        {
            "relief_type": "WAIVER",
            "reason": "NEGOTIATED",
            "amount": "1500.00",
            "remark": "展期后首月回款延后,客户已按展期方案付息,协商减免部分利息。",
        },
        days=24,
        people=("tl", "brm", "bgm", "fin"),
        files=(("OTHER", "减免利息申请"),),
    ),
    Paper(
        "济南悦家生鲜超市有限公司",
        {
            "relief_type": "WAIVER",
            "reason": "GOODWILL",
            "amount": "300.00",
            "remark": "门店所在小区施工影响经营一周,客户申请减免部分利息。",
        },
        hours=7.0,
        people=("tl",),
        files=(("OTHER", "减免利息申请"),),
    ),
)  # fmt: skip
REBATES = (
    Paper(
        "济南恒润塑业有限公司",
        {"remark": "按渠道合作协议结算首笔放款返点。"},
        days=250,
        people=("tl", "bgm", "fin"),
        files=(("REBATE_INVOICE", "渠道服务费发票"), ("REBATE_AGREEMENT", "渠道合作协议")),
    ),
    Paper(
        "青岛润泽包装有限公司",
        {"remark": "渠道已开具发票,申请结算返点。"},
        hours=6.5,
        people=("tl",),
        files=(("REBATE_INVOICE", "渠道服务费发票"), ("REBATE_AGREEMENT", "渠道合作协议")),
    ),
)
COMPLETIONS = (
    Paper(
        "济南舜景石材有限公司",
        {
            "way": "REGULAR",
            "archive_no": "JN-2026-D0017",
            "evaluation": "EXCELLENT",
            "renewal": "YES",
            "evaluation_note": f"按期付息,到期一次还清,配合度高。{_ARCHIVE}",
        },
        days=100,
        people=("tl", "brm", "fin", "bgm"),
        files=(("SETTLEMENT_PROOF", "结清凭证"), ("RELEASE_PROOF", "保证责任解除通知书")),
    ),
    Paper(
        "吕秀兰",
        {
            "way": "EARLY",
            "archive_no": "JN-2026-D0031",
            "evaluation": "GOOD",
            "renewal": "YES",
            "evaluation_note": f"提前结清,退息已支付。{_ARCHIVE}",
        },
        hours=7.5,
        people=("tl",),
        files=(("SETTLEMENT_PROOF", "结清凭证"), ("RELEASE_PROOF", "保证责任解除通知书")),
    ),
)
BAD_HANDOVERS = (
    Paper(
        "孟庆林",
        {
            "cause": "借款人同时经营的建材摊位亏损,转移货款归还他处债务,主观还款意愿下降;"
            "贷后检查发现后催收未果,初步认定客户经理贷后跟踪无重大过失。",
            "security_state": "抵押车辆一台已找到,停放于市场停车场;另一台去向不明,已申请查找。",
            "assets": "名下住宅一套(按揭中)、建材市场摊位经营权。",
        },
        days=33,
        people=("tl", "brm", "bgm", "songyaqin", "ard"),
        rows={
            "collection_log": (
                (62, "10:20", "PHONE", "承诺月底前付清两期"),
                (47, "15:30", "VISIT", "摊位仍在经营,借款人回避见面"),
                (38, "", "LETTER", "催收函已由其配偶签收"),
            ),
            "lawsuits": (("PRESERVATION", "济南市历下区人民法院", "财产保全申请材料准备中"),),
        },
        files=(("COLLECTION_PROOF", "催收函及签收回执"),),
    ),
)  # fmt: skip
#: what asset recovery did with the customer afterwards
RECOVERIES = (
    Recovery(
        110.0, "PLAN",
        "先行协商以抵押车辆变价受偿,同步申请诉前财产保全;协商不成一个月内起诉。", next_days=5,
    ),
    Recovery(
        84.0, "COLLECTION", "与借款人及其配偶面谈,同意交出车辆并分期偿还余款。",
        next_days=7, clock="10:00",
    ),
    Recovery(
        46.0, "RECOVERY", "借款人通过亲属转入首笔还款,由财务部登记。", amount=12_000, next_days=8
    ),
    Recovery(9.0, "COLLECTION", "车辆评估报告已出具,拟于下周委托拍卖行处置。", next_days=6),
)  # fmt: skip
#: what approvers say, by the kind of the document
OPINIONS = {
    "interest_relief": (
        "已核对台账及申请材料,金额在测算范围内,同意。",
        "情况属实,客户还款意愿良好,同意。",
        "同意按申请金额办理。",
    ),
    "rebate_application": (
        "渠道协议及发票齐全,比例符合约定,同意。",
        "资金已划拨,返点余额核对无误,同意。",
        "同意支付。",
    ),
    "customer_completion": (
        "本息已结清,担保手续已解除,同意完结。",
        "台账余额为零,档案资料齐全,同意。",
        "同意,结清证明交客户签收。",
    ),
    "bad_customer_handover": (
        "催收经过属实,资料清单完整,同意移交。",
        "已达不良标准,同意移交资产保全部处置。",
        "同意移交,请做好管户责任交接。",
    ),
    "tier_change": (
        "客户还款记录良好,同意调整。",
        "合作情况属实,同意。",
        "同意破格调整,请持续跟踪。",
    ),
}
TIERS = (
    Paper(
        "济南恒润塑业有限公司",
        {
            "to_tier": "SILVER",
            "reason": "合作近一年按期付息,结算流水归集稳定,申请破格调整为银级客户。",
        },
        days=12,
        people=("tl", "bgm", "songyaqin"),
    ),
    Paper(
        "青岛润泽包装有限公司",
        {
            "to_tier": "SILVER",
            "reason": "家电主机厂核心供应商,用款频繁且还款记录良好,申请破格调整等级。",
        },
        hours=6.0,
        people=("tl",),
    ),
)
