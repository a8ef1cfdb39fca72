"""Database triggers that hold the organisation's rules when two people change it at once.

Each takes the lock that makes the rule true for both writers before it looks: in READ
COMMITTED the statement after the lock sees what the other transaction has committed.
"""

import pgtrigger


def separation_of_duties() -> pgtrigger.Trigger:
    """ORG-01: business never together with risk, finance or the committee."""
    return pgtrigger.Trigger(
        name="separation_of_duties",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=pgtrigger.Func(
            """
            PERFORM 1 FROM staff_employee WHERE id = NEW.employee_id FOR NO KEY UPDATE;
            SELECT duty_line INTO NEW.duty_line FROM staff_role WHERE id = NEW.role_id;
            IF NEW.duty_line = 'BUSINESS' OR NEW.duty_line IN ('RISK', 'FINANCE', 'COMMITTEE') THEN
                IF EXISTS (
                    SELECT 1 FROM {meta.db_table} held
                    WHERE held.employee_id = NEW.employee_id AND held.id <> NEW.id
                    AND (CASE WHEN NEW.duty_line = 'BUSINESS'
                         THEN held.duty_line IN ('RISK', 'FINANCE', 'COMMITTEE')
                         ELSE held.duty_line = 'BUSINESS' END)
                ) THEN
                    RAISE EXCEPTION 'ORG-01: business and control roles in one hand'
                        USING ERRCODE = 'check_violation',
                              CONSTRAINT = 'separation_of_duties';
                END IF;
            END IF;
            RETURN NEW;
            """
        ),
    )


def superior_cycle() -> pgtrigger.Trigger:
    """Nobody stands above himself, directly or through others."""
    return pgtrigger.Trigger(
        name="superior_cycle",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.AnyChange("superior"),
        func=pgtrigger.Func(
            """
            IF NEW.superior_id IS NULL THEN RETURN NULL; END IF;
            -- Two changes at once could close a circle that neither sees alone.
            PERFORM pg_advisory_xact_lock(hashtext('staff.superior_cycle'));
            IF EXISTS (
                WITH RECURSIVE chain(id, superior_id) AS (
                    SELECT id, superior_id FROM {meta.db_table} WHERE id = NEW.superior_id
                    UNION
                    SELECT e.id, e.superior_id FROM {meta.db_table} e
                    JOIN chain ON e.id = chain.superior_id
                )
                SELECT 1 FROM chain WHERE id = NEW.id
            ) THEN
                RAISE EXCEPTION 'ORG-03: superiors in a circle'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'superior_cycle';
            END IF;
            RETURN NULL;
            """
        ),
    )


def employee_department() -> pgtrigger.Trigger:
    """A person's department belongs to his branch.

    An AFTER trigger on purpose: a BEFORE trigger makes every UPDATE that names the unique
    columns lock the row FOR UPDATE, and then each new document of this person waits for it.
    """
    return pgtrigger.Trigger(
        name="employee_department",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update,
        condition=pgtrigger.Q(new__department__isnull=False),
        func=pgtrigger.Func(
            """
            IF NOT EXISTS (
                SELECT 1 FROM staff_department
                WHERE id = NEW.department_id AND branch_id = NEW.branch_id
            ) THEN
                RAISE EXCEPTION 'ORG-04: department of another branch'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'employee_department';
            END IF;
            RETURN NULL;
            """
        ),
    )


def department_parent() -> pgtrigger.Trigger:
    """A parent department is of the same branch, and departments form a tree."""
    return pgtrigger.Trigger(
        name="department_parent",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update,
        condition=pgtrigger.Q(new__parent__isnull=False),
        func=pgtrigger.Func(
            """
            PERFORM pg_advisory_xact_lock(hashtext('staff.department_parent'));
            IF NOT EXISTS (
                SELECT 1 FROM {meta.db_table}
                WHERE id = NEW.parent_id AND branch_id = NEW.branch_id
            ) OR EXISTS (
                WITH RECURSIVE chain(id, parent_id) AS (
                    SELECT id, parent_id FROM {meta.db_table} WHERE id = NEW.parent_id
                    UNION
                    SELECT d.id, d.parent_id FROM {meta.db_table} d
                    JOIN chain ON d.id = chain.parent_id
                )
                SELECT 1 FROM chain WHERE id = NEW.id
            ) THEN
                RAISE EXCEPTION 'ORG-05: parent department in a circle or another branch'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'department_parent';
            END IF;
            RETURN NULL;
            """
        ),
    )
