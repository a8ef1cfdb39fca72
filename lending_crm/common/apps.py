from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "lending_crm.common"
    label = "common"
