"""What happens around the customers: handovers, complaints, diaries, text messages."""

from __future__ import annotations

from reports.demo.matters import DataRequest, Diary, Handover, Issue, IssueStep

HANDOVERS = (
    Handover(
        "zhaolei", "am", "tl", "bgm", "OTHER",
        ("韩立军", "山东诚达融资担保有限公司", "崔玉梅"),
        hours=6.4, people=("am", "bgm"), is_carried_out=True,
        remark="业务一部客户调整:三户移交李娜维护,赵磊专注存量监管客户。",
    ),
    Handover(
        "dingning", "am2", "xiejun", "luowei", "LEAVE",
        ("青岛崂山茗香茶业有限公司", "青岛联众仓储服务有限公司"),
        hours=4.0, remark="丁宁休假两周,期间客户由陈晨维护,假满交还。",
    ),
)  # fmt: skip

#: what receivers and the branch say to a handover
HANDED = ("移交清单已逐户核对,同意接收。", "已与客户见面交接,同意。", "同意移交,请做好客户沟通。")

DATA_REQUESTS = (
    DataRequest(
        "am", "银行对账用客户账号清单", "customers", "customer_type=ENTERPRISE", ("ACCOUNT",),
        "RECONCILIATION", "与开户行核对放款账户户名、账号;清单仅交财务资金部钱静,对账后删除。",
        hours=30.0, people=("tl", "bgm", "hrm"), is_exported=True,
    ),
    DataRequest(
        "am", "季度内审抽查联系人电话", "contacts", "", ("PHONE",),
        "AUDIT", "内审组抽查贷后回访真实性,需逐户核对联系电话;清单由内审组保管,抽查后销毁。",
        hours=5.0, people=("tl",),
    ),
)  # fmt: skip

#: what the approvers say to a request for full numbers
GRANTED = (
    "用途明确、范围最小,同意。",
    "同意导出,请按登记用途使用并按期销毁。",
    "已核对字段与用途,同意。",
)

ISSUES = (
    Issue(
        "am", "zhaolei", "济南恒润塑业有限公司", "客户反映扣款日与合同约定不一致", "COMPLAINT",
        "客户财务反映本月利息扣款短信日期早于合同约定付息日一天,担心影响征信。",
        "核对付息日并书面说明,不得提前扣款。",
        hours=120.0,
        steps=(
            IssueStep(
                "answer", "zhaolei",
                "已核对借款合同及还款计划:付息日为每月对应日,短信为提前提醒,并未扣款;已致电客户财务解释。",
                hours=6.0,
            ),
            IssueStep(
                "confirm", "am", "客户财务负责人电话确认,对说明表示认可,无其他诉求。", hours=5.0
            ),
        ),
    ),
    Issue(
        "am2", "dingning", "青岛润泽包装有限公司", "抵押登记资料遗失责任不清", "RISK",
        "客户称抵押登记时提交的原件未退还,登记窗口称已由我司人员领取,双方说法不一。",
        "三日内查清原件去向并给出书面答复。",
        hours=19.5,
        steps=(
            IssueStep(
                "escalate", "dingning",
                "交接记录中无签收页,无法认定由谁领取,经办人与客户意见不一致。",
                "DISAGREEMENT", hours=6.0,
            ),
            IssueStep(
                "escalate", "xiejun",
                "涉及权属资料保管,部门内无法解决,需调取档案室及登记窗口记录。",
                "SERIOUS", hours=7.0,
            ),
            IssueStep(
                "report", "guoqiang", "",
                hours=4.0,
                parts={
                    "team": "郭强(组长)、罗薇、谢军,档案室配合。",
                    "problem": "不动产权证原件一份去向不明,客户要求三日内答复。",
                    "containment": "已向登记中心申请调取领取记录,暂停该户新增业务。",
                },
            ),
        ),
    ),
    Issue(
        "am", "sunmeng", "济南泉润食品有限公司", "客户投诉收费项目告知不清", "COMPLAINT",
        "客户称签约时未逐项说明评估费由谁承担,要求出示综合融资成本告知书。",
        "出示签字的告知书,若确未告知则退还评估费。",
        hours=15.0, reporter="食品公司财务 周会计",
    ),
)  # fmt: skip

DIARIES = (
    Diary(
        "am", "tl",
        ("济南恒润塑业有限公司", "山东鼎盛粮机有限公司", "济南泉润食品有限公司",
         "济南恒岳建材有限公司", "山东鲁岱机械制造有限公司"),
        (
            "抵押登记窗口预约时间较长,建议与登记中心建立固定对接人。",
            "部分客户提供流水不及时,建议统一资料清单模板。",
            "",
        ),
        "走访要带上检查照片,鼎盛粮机的回款账户请逐笔核对。",
        "陪同风控经理复核恒岳建材在建项目进度",
    ),
    Diary(
        "zhaolei", "tl",
        ("济南悦家生鲜超市有限公司", "山东华信网络技术有限公司", "济南瑞丰粮油贸易有限公司",
         "济南鑫海汽车服务有限公司"),
        ("悦家生鲜监管报告补报滞后,本周补齐。", "", "孟庆林催收进度缓慢,建议尽早移交资产保全。"),
        "悦家生鲜的监管报告不能再拖,周五前提交。",
        "整理孟庆林全部催收记录,配合资产保全部交接",
    ),
    Diary(
        "am2", "xiejun",
        ("青岛润泽包装有限公司", "青岛锐捷模具有限公司", "青岛恒达橡塑制品有限公司",
         "青岛东方帆服装有限公司"),
        ("恒达橡塑分次放款条件较多,建议提前一周备齐资料。", "", "模具行业订单波动,注意回款账期。"),
        "锐捷模具核保影像补齐后再报合同审核。",
        "约恒达橡塑主机厂财务核实回款账户",
    ),
)  # fmt: skip

#: what an account manager sets out to do, whether it is a visit, and what came of it
TASKS = (
    ("走访{customer},查看生产和库存", True, "现场正常开工,库存与账面基本一致"),
    ("收集{customer}最近三个月银行流水和纳税申报表", False, "资料已收齐并归档"),
    ("与{customer}核对下月还款计划", False, "客户确认到期日及金额,还款资金已落实"),
    ("上门拜访{customer},了解新增订单和用款需求", True, "客户计划下季度扩产,有续贷意向"),
    ("更新{customer}客户档案和联系人信息", False, "档案已更新,联系人无变动"),
    ("拍摄{customer}经营场所照片", True, "照片已归档,经营场所正常"),
    ("回访{customer},征询服务意见", False, "客户对放款时效满意"),
)
NOT_DONE = "客户出差,改约下周。"
GOALS = "做好存量客户贷后检查,推进在途申请,保证监管报告按期提交。"

#: name, kind, usage, text
TEXTS = (
    ("审批通过通知", "NOTICE", "APPROVED",
     "{name}您好,贵单位申请(编号{doc_no})已审批通过,客户经理{manager}将与您联系签约事宜。"),
    ("放款通知", "NOTICE", "TRANSFERRED",
     "{name}您好,贵单位{amount}元贷款已于{date}划付至约定账户,请注意查收。"),
    ("还款提醒", "COLLECTION", "DUE",
     "{name}您好,借据{loan_no}应于{due_date}还款{amount}元,请提前备足款项。如已还款请忽略。"),
    ("逾期提醒", "COLLECTION", "OVERDUE",
     "{name}您好,借据{loan_no}于{due_date}到期的{amount}元已逾期{days}天,请尽快还款,以免影响信用记录。"),
    ("生日祝福", "BIRTHDAY", "BIRTHDAY", "{name}您好,今天是您的生日,祝您身体健康、生意兴隆!"),
    ("产品推介", "MARKETING", "",
     "{name}您好,我司{product}产品本月利率优惠,截至{date},详询客户经理{manager}。"),
)  # fmt: skip
#: this one still waits for head-office risk control
TEXT_IN_DRAFT = (
    "年末续贷提醒", "MARKETING", "", "{name}您好,年末续贷可提前三十天办理{product},详询{manager}。",
)  # fmt: skip
#: who agreed to text messages, how, and where the proof lies
CONSENTS = (
    ("济南恒润塑业有限公司", "PAPER", "授权书原件存客户档案第3页"),
    ("山东鼎盛粮机有限公司", "PAPER", "授权书原件存客户档案第2页"),
    ("济南东方源印染有限公司", "RECORDING", "客服录音编号 R-1107"),
    ("青岛润泽包装有限公司", "PAPER", "签约时一并签署,存合同卷"),
    ("济南悦家生鲜超市有限公司", "ONLINE", "公众号授权记录"),
)
#: who was told of a product, and of them who answered R
MARKETED = ("济南恒润塑业有限公司", "山东鼎盛粮机有限公司", "青岛润泽包装有限公司")
REFUSED = "山东鼎盛粮机有限公司"
