"""Names of companies, people, streets and banks as one meets them in Shandong; all made up."""

from __future__ import annotations

import random
from typing import NamedTuple

from reports.demo.people import CITIES, JINAN, QINGDAO, YANTAI


class Firm(NamedTuple):
    """``industry`` is the section of GB/T 4754."""

    name: str
    industry: str
    business: str


ENTERPRISES: dict[str, tuple[Firm, ...]] = {
    JINAN: (
        Firm("济南恒岳建材有限公司", "F", "水泥、砂石、防水材料批发,供应本市在建住宅项目"),
        Firm("山东鲁岱机械制造有限公司", "C", "农机配件铸造与加工,产品销往河南、河北"),
        Firm("济南泉润食品有限公司", "C", "速冻面食生产,供应商超与团餐企业"),
        Firm("济南明湖印务有限公司", "C", "包装彩盒与不干胶标签印刷"),
        Firm("山东齐岳钢结构工程有限公司", "E", "厂房、仓储钢结构制作与安装"),
        Firm("济南百盛五金机电有限公司", "F", "电动工具、轴承、紧固件批发零售"),
        Firm("济南顺驰物流有限公司", "G", "省内零担与整车运输,自有车辆二十六台"),
        Firm("山东康和医疗器械有限公司", "F", "二类医疗器械经销,客户为县级医院"),
        Firm("济南绿源生态园林有限公司", "E", "市政绿化施工与苗木种植"),
        Firm("济南天桥区聚福楼餐饮有限公司", "H", "鲁菜酒楼连锁,现有门店四家"),
        Firm("山东华信网络技术有限公司", "I", "中小企业信息系统集成与运维"),
        Firm("济南瑞丰粮油贸易有限公司", "F", "小麦、玉米收购与面粉经销"),
        Firm("济南鑫海汽车服务有限公司", "O", "汽车维修、钣喷与二手车经纪"),
        Firm("山东博远教育设备有限公司", "C", "教学仪器与课桌椅生产"),
        Firm("济南金穗种业有限公司", "A", "玉米、小麦种子繁育与销售"),
        Firm("济南泉盛商贸有限公司", "F", "酒水、副食品批发,代理区域品牌"),
        Firm("山东中泽环保科技有限公司", "N", "污水处理设备安装与运营"),
        Firm("济南万家乐家居有限公司", "F", "定制家具与橱柜零售"),
        Firm("济南恒润塑业有限公司", "C", "给排水管材挤出与管件注塑"),
        Firm("山东鼎盛粮机有限公司", "C", "面粉加工成套设备制造"),
        Firm("济南舜景石材有限公司", "F", "花岗岩、大理石板材加工与批发"),
        Firm("济南悦家生鲜超市有限公司", "F", "社区生鲜超市,门店六家"),
        Firm("济南东方源印染有限公司", "C", "棉布印染来料加工"),
    ),
    QINGDAO: (
        Firm("青岛海韵水产有限公司", "C", "海产品冷冻加工,出口日本、韩国"),
        Firm("青岛金港货运代理有限公司", "G", "国际海运代理与报关"),
        Firm("青岛恒达橡塑制品有限公司", "C", "橡胶密封件生产,配套家电企业"),
        Firm("青岛东方帆服装有限公司", "C", "针织服装来料加工"),
        Firm("青岛锐捷模具有限公司", "C", "注塑模具设计与制造"),
        Firm("青岛崂山茗香茶业有限公司", "A", "崂山绿茶种植、加工与销售"),
        Firm("青岛联众仓储服务有限公司", "G", "冷链仓储与城市配送"),
        Firm("青岛嘉禾国际贸易有限公司", "F", "天然橡胶、木材进口贸易"),
        Firm("青岛新蓝海酒店管理有限公司", "H", "商务酒店经营,客房一百二十间"),
        Firm("青岛润泽包装有限公司", "C", "瓦楞纸箱与彩盒生产,配套家电企业"),
        Firm("青岛海硕冷冻设备有限公司", "C", "商用冷柜与冷库设备制造"),
    ),
    YANTAI: (
        Firm("烟台福山果品有限公司", "F", "苹果、大樱桃收购、冷藏与外销"),
        Firm("烟台开元精密机械有限公司", "C", "液压件精密加工,配套工程机械主机厂"),
        Firm("烟台蓬海葡萄酒庄有限公司", "C", "葡萄种植与干红酿造"),
        Firm("烟台渤海船舶配套有限公司", "C", "船用阀门与管件生产"),
        Firm("烟台凯旋建筑装饰有限公司", "E", "公共建筑装饰装修施工"),
        Firm("莱阳丰泽农业科技有限公司", "A", "设施蔬菜种植与农资销售"),
        Firm("烟台联信电子有限公司", "C", "线束与连接器组装"),
        Firm("烟台东润果蔬加工有限公司", "C", "冻干果蔬加工,出口东南亚"),
        Firm("烟台昆仑铸钢有限公司", "C", "矿山耐磨铸钢件生产"),
    ),
}

#: the banks that pay out what the company arranges
FUNDERS: dict[str, Firm] = {
    JINAN: Firm("山东泉润农村商业银行", "J", "中小企业贷款、个人经营贷款"),
    QINGDAO: Firm("青岛琴岛村镇银行", "J", "小微企业贷款"),
}

CHANNELS: dict[str, tuple[Firm, ...]] = {
    JINAN: (
        Firm("济南市中小企业服务协会", "S", "会员企业融资对接"),
        Firm("山东诚达融资担保有限公司", "J", "融资担保"),
        Firm("济南正源会计师事务所", "L", "审计、代理记账"),
        FUNDERS[JINAN],
    ),
    QINGDAO: (
        Firm("青岛市北区个体私营企业协会", "S", "会员企业融资对接"),
        Firm("青岛海岳融咨询服务有限公司", "L", "企业融资咨询"),
        FUNDERS[QINGDAO],
    ),
    YANTAI: (Firm("烟台市果蔬行业协会", "S", "会员企业融资对接"),),
}

#: company, its principal customer, what it is to it
COMPANIES: dict[str, tuple[tuple[Firm, str, str], ...]] = {
    JINAN: (
        (
            Firm("济南恒岳物资配送有限公司", "G", "建筑材料仓储与配送"),
            "济南恒岳建材有限公司",
            "SUBSIDIARY",
        ),
        (
            Firm("章丘鲁岱铸造有限公司", "C", "灰铁、球铁铸件生产"),
            "山东鲁岱机械制造有限公司",
            "SUPPLIER",
        ),
        (
            Firm("济南齐岳彩钢有限公司", "C", "彩钢板压型加工"),
            "山东齐岳钢结构工程有限公司",
            "SUBSIDIARY",
        ),
        (
            Firm("德州恒信农机销售有限公司", "F", "农机及配件销售"),
            "山东鲁岱机械制造有限公司",
            "BUYER",
        ),
    ),
    QINGDAO: (
        (
            Firm("青岛海韵冷链有限公司", "G", "冷库租赁与冷链运输"),
            "青岛海韵水产有限公司",
            "SUBSIDIARY",
        ),
        (
            Firm("胶州恒达化工原料有限公司", "F", "橡胶助剂经销"),
            "青岛恒达橡塑制品有限公司",
            "SUPPLIER",
        ),
    ),
    YANTAI: (
        (Firm("栖霞福山果蔬专业合作社", "A", "苹果种植"), "烟台福山果品有限公司", "SUPPLIER"),
        (
            Firm("烟台开元液压销售有限公司", "F", "液压件销售"),
            "烟台开元精密机械有限公司",
            "BRANCH_COMPANY",
        ),
    ),
}

#: people who do business in their own name, with what they do
TRADERS: dict[str, tuple[tuple[str, str, str], ...]] = {
    JINAN: (
        ("刘洪波", "F", "泺口服装城童装批发,摊位三处"),
        ("马秀英", "H", "早餐连锁档口五个"),
        ("韩立军", "G", "自有渣土车四台,承接土方运输"),
        ("崔玉梅", "F", "水果批发,海鲜市场旁门店两处"),
        ("任晓东", "E", "承接家装水电施工"),
        ("孟庆林", "F", "建材市场五金批发,摊位四处"),
        ("吕秀兰", "H", "面食加工作坊,供应学校食堂"),
    ),
    QINGDAO: (
        ("姚德胜", "A", "红岛蛤蜊养殖,滩涂承包一百二十亩"),
        ("杜海燕", "F", "即墨服装市场针织批发"),
        ("曲明", "H", "海鲜大排档两家"),
        ("初连生", "G", "集装箱拖车三台"),
        ("纪文涛", "G", "冷藏车五台,承接生鲜配送"),
    ),
    YANTAI: (
        ("衣学文", "A", "苹果园六十亩,自有冷库"),
        ("慕容芳", "F", "化妆品零售,步行街门店三处"),
        ("迟宝山", "A", "海参育苗与养殖"),
        ("于美玲", "F", "童装零售,商场专柜三处"),
    ),
}

SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余"
MEN = (
    "建国", "志强", "海涛", "文斌", "立新", "永刚",
    "德明", "晓东", "国梁", "振华", "玉龙", "宏伟",
)  # fmt: skip
WOMEN = (
    "秀英", "桂兰", "丽娟", "晓燕", "玉梅", "海霞",
    "慧敏", "春华", "雪莲", "爱红", "静怡", "凤琴",
)  # fmt: skip
STREETS = {
    JINAN: (
        "历下区解放东路", "历下区经十路", "市中区英雄山路", "槐荫区张庄路", "天桥区堤口路",
        "历城区工业北路", "历城区花园路", "长清区大学路", "高新区新泺大街",
    ),
    QINGDAO: (
        "市北区辽宁路", "市南区香港中路", "李沧区书院路", "城阳区长城路", "崂山区海尔路",
        "西海岸新区长江中路", "即墨区鹤山路",
    ),
    YANTAI: (
        "芝罘区北马路", "莱山区迎春大街", "福山区河滨路", "开发区长江路", "牟平区政府大街",
    ),
}  # fmt: skip
ESTATES = (
    "锦绣花园", "阳光嘉苑", "翡翠郡", "绿湖新城", "泉景康桥", "东方御景",
    "和谐家园", "海岳慧园",
)  # fmt: skip
BANKS = (
    "中国工商银行", "中国农业银行", "中国银行", "中国建设银行", "齐鲁银行", "青岛银行",
    "恒丰银行",
)  # fmt: skip
POSITIONS = ("财务经理", "生产厂长", "销售经理", "办公室主任", "采购主管", "出纳")


def someone(chance: random.Random, *, is_male: bool) -> str:
    return chance.choice(SURNAMES) + chance.choice(MEN if is_male else WOMEN)


def street(chance: random.Random, branch: str) -> str:
    return f"{CITIES[branch]}{chance.choice(STREETS[branch])}{chance.randint(8, 380)}号"


def home(chance: random.Random, branch: str) -> str:
    estate = chance.choice(ESTATES)
    place = f"{chance.randint(1, 28)}号楼{chance.randint(1, 3)}单元{chance.randint(101, 2602)}室"
    return f"{street(chance, branch)}{estate}{place}"


def bank(chance: random.Random, branch: str) -> str:
    return f"{chance.choice(BANKS)}{CITIES[branch].removesuffix('市')}分行营业部"
