"""Who works at the demo's lender; the issue's logins are role codes, the others are names."""

from __future__ import annotations

from typing import NamedTuple

from staff.choices import RoleCode

HEAD_OFFICE = "ZB"
JINAN, QINGDAO, YANTAI = "JN", "QD", "YT"

#: code, name, departments; the head office is opened with its administrator
BRANCHES = (
    (
        HEAD_OFFICE,
        "总部",
        ("总裁办公室", "风险管理部", "贷后监管部", "资产保全部", "财务资金部", "信息管理部"),
    ),
    (JINAN, "济南分公司", ("业务一部", "业务二部", "风险管理部", "综合管理部")),
    (QINGDAO, "青岛分公司", ("业务一部", "风险管理部", "综合管理部")),
    (YANTAI, "烟台分公司", ("业务一部", "风险管理部", "综合管理部")),
)


class Person(NamedTuple):
    """``superior`` is the login of the person above, who stands earlier in the list."""

    login: str
    name: str
    role: RoleCode
    branch: str
    department: str
    superior: str = ""


ADMINISTRATOR = Person("adm", "唐立新", RoleCode.ADM, HEAD_OFFICE, "信息管理部", "ceo")

PEOPLE = (
    Person("ceo", "沈国栋", RoleCode.CEO, HEAD_OFFICE, "总裁办公室"),
    Person("hrm", "周文涛", RoleCode.HRM, HEAD_OFFICE, "风险管理部", "ceo"),
    Person("songyaqin", "宋雅琴", RoleCode.HRM, HEAD_OFFICE, "风险管理部", "hrm"),
    Person("hezhiyuan", "何志远", RoleCode.HRM, HEAD_OFFICE, "风险管理部", "hrm"),
    Person("plm", "许静", RoleCode.PLM, HEAD_OFFICE, "贷后监管部", "hrm"),
    Person("ard", "邵建军", RoleCode.ARD, HEAD_OFFICE, "资产保全部", "hrm"),
    Person("fin", "冯丽华", RoleCode.FIN, HEAD_OFFICE, "财务资金部", "ceo"),
    Person("qianjing", "钱静", RoleCode.FIN, HEAD_OFFICE, "财务资金部", "fin"),
    Person("rcc", "陆明远", RoleCode.RCC, HEAD_OFFICE, "总裁办公室", "ceo"),
    Person("rc1", "方正平", RoleCode.RC, HEAD_OFFICE, "风险管理部", "rcc"),
    Person("rc2", "梁慧敏", RoleCode.RC, HEAD_OFFICE, "风险管理部", "rcc"),
    Person("rc3", "袁家骏", RoleCode.RC, HEAD_OFFICE, "贷后监管部", "rcc"),
    Person("rc4", "邓秀兰", RoleCode.RC, HEAD_OFFICE, "财务资金部", "rcc"),
    Person("rc5", "蒋伟民", RoleCode.RC, HEAD_OFFICE, "资产保全部", "rcc"),
    Person("rcs", "田晓雯", RoleCode.RCS, HEAD_OFFICE, "风险管理部", "hrm"),
    Person("bgm", "孙海峰", RoleCode.BGM, JINAN, "综合管理部", "hrm"),
    Person("brm", "吴建华", RoleCode.BRM, JINAN, "风险管理部", "bgm"),
    Person("tl", "王志刚", RoleCode.TL, JINAN, "业务一部", "bgm"),
    Person("am", "李娜", RoleCode.AM, JINAN, "业务一部", "tl"),
    Person("zhaolei", "赵磊", RoleCode.AM, JINAN, "业务一部", "tl"),
    Person("gaofeng", "高峰", RoleCode.TL, JINAN, "业务二部", "bgm"),
    Person("sunmeng", "孙萌", RoleCode.AM, JINAN, "业务二部", "gaofeng"),
    Person("guoqiang", "郭强", RoleCode.BGM, QINGDAO, "综合管理部", "hrm"),
    Person("luowei", "罗薇", RoleCode.BRM, QINGDAO, "风险管理部", "guoqiang"),
    Person("xiejun", "谢军", RoleCode.TL, QINGDAO, "业务一部", "guoqiang"),
    Person("am2", "陈晨", RoleCode.AM, QINGDAO, "业务一部", "xiejun"),
    Person("dingning", "丁宁", RoleCode.AM, QINGDAO, "业务一部", "xiejun"),
    Person("panyong", "潘勇", RoleCode.BGM, YANTAI, "综合管理部", "hrm"),
    Person("caoyan", "曹燕", RoleCode.BRM, YANTAI, "风险管理部", "panyong"),
    Person("jiangtao", "姜涛", RoleCode.TL, YANTAI, "业务一部", "panyong"),
    Person("yuhao", "于浩", RoleCode.AM, YANTAI, "业务一部", "jiangtao"),
    # Comes a few hours before the present; until then one case stands still.
    Person("zhangweidong", "张卫东", RoleCode.BGM, YANTAI, "综合管理部", "hrm"),
)

_ROLES = {person.login: person.role.lower() for person in PEOPLE}


def role_of(who: str) -> str:
    """The role in whose words a login, or a role's code, writes."""
    return _ROLES.get(who, who)


#: who takes over as general manager of the branch, and from whom
NEW_MANAGER, OLD_MANAGER = "zhangweidong", "panyong"

#: the logins that the product's documentation names
ROLE_LOGINS = (
    "am",
    "am2",
    "tl",
    "brm",
    "bgm",
    "hrm",
    "plm",
    "ard",
    "fin",
    "rc1",
    "rc2",
    "rc3",
    "rc4",
    "rc5",
    "rcc",
    "rcs",
    "ceo",
    "adm",
)

CITIES = {JINAN: "济南市", QINGDAO: "青岛市", YANTAI: "烟台市"}
AREA_CODES = {JINAN: "0531", QINGDAO: "0532", YANTAI: "0535"}
#: the first six places of ID numbers and credit codes
REGIONS = {
    JINAN: ("370102", "370103", "370104", "370112"),
    QINGDAO: ("370202", "370203", "370212", "370213"),
    YANTAI: ("370602", "370611", "370613"),
}
