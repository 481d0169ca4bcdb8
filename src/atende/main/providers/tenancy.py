"""What organizations, projects, members and the operators' desk are made of."""

from dishka import Provider, Scope, provide, provide_all

from atende.core.identity.members.accept_invitation import AcceptInvitation
from atende.core.identity.members.act_in import ActIn
from atende.core.identity.members.change_member import ApproveMember, ChangeMember, RemoveMember
from atende.core.identity.members.create_organization import CreateOrganization
from atende.core.identity.members.find_person import FindPerson
from atende.core.identity.members.invite import InvitationRules, Invite, RevokeInvitation, SendInvitation
from atende.core.identity.members.operators import ChangeRole, LiftUser, ListOrganizations, SetLimits, SuspendUser
from atende.core.identity.members.seats import SeatPolicy
from atende.core.identity.members.update_organization import RestoreOrganization, UpdateOrganization
from atende.core.tenancy.change_project import (
    ChangeProject,
    ConfigureProject,
    DeleteProject,
    MakeDefaultProject,
    RestoreProject,
    SwitchProject,
    UpdateProject,
)
from atende.core.tenancy.create_project import CreateProject
from atende.core.tenancy.delete_organization import DeleteOrganization
from atende.core.tenancy.features import PutFeature, RemoveFeature
from atende.core.tenancy.suspend_payer import LiftPayer, SuspendPayer
from atende.main.settings import Settings


class TenancyCases(Provider):
    """The use cases."""

    organizations = provide_all(
        ActIn,
        CreateOrganization,
        UpdateOrganization,
        DeleteOrganization,
        RestoreOrganization,
        scope=Scope.REQUEST,
    )
    projects = provide_all(
        CreateProject,
        ChangeProject,
        UpdateProject,
        ConfigureProject,
        SwitchProject,
        DeleteProject,
        RestoreProject,
        MakeDefaultProject,
        PutFeature,
        RemoveFeature,
        scope=Scope.REQUEST,
    )
    members = provide_all(
        FindPerson,
        InvitationRules,
        AcceptInvitation,
        Invite,
        SendInvitation,
        RevokeInvitation,
        ChangeMember,
        ApproveMember,
        RemoveMember,
        scope=Scope.REQUEST,
    )
    operators = provide_all(
        ListOrganizations, ChangeRole, SetLimits, SuspendUser, LiftUser, SuspendPayer, LiftPayer, scope=Scope.REQUEST
    )

    @provide(scope=Scope.APP)
    def seats(self, settings: Settings) -> SeatPolicy:
        return SeatPolicy(enforce_plan=settings.enforce_plan_seats)
