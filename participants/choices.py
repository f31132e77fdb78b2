"""The words of applications and training that are stored and answered."""

from django.db.models import TextChoices


class ApplicationStatus(TextChoices):
    """What the provider decided about an application (rules 6.1)."""

    PENDING = "pending", "Pending"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"


class TrainingStatus(TextChoices):
    """Where the training of an accepted application stands (rules 7)."""

    ACTIVE = "active", "Active"
    DEFERRED = "deferred", "Deferred"
    WITHDRAWN = "withdrawn", "Withdrawn"


class WithdrawalReason(TextChoices):
    """Why a participant left a course (rules 7.2)."""

    INSUFFICIENT_CAPACITY_TO_UNDERTAKE_PROGRAMME = "insufficient-capacity-to-undertake-programme"
    PERSONAL_REASON_HEALTH_OR_PREGNANCY_RELATED = "personal-reason-health-or-pregnancy-related"
    PERSONAL_REASON_MOVING_SCHOOL = "personal-reason-moving-school"
    PERSONAL_REASON_OTHER = "personal-reason-other"
    INSUFFICIENT_CAPACITY = "insufficient-capacity"
    CHANGE_IN_DEVELOPMENTAL_OR_PERSONAL_PRIORITIES = (
        "change-in-developmental-or-personal-priorities"
    )
    CHANGE_IN_SCHOOL_CIRCUMSTANCES = "change-in-school-circumstances"
    CHANGE_IN_SCHOOL_LEADERSHIP = "change-in-school-leadership"
    QUALITY_OF_PROGRAMME_STRUCTURE_NOT_SUITABLE = "quality-of-programme-structure-not-suitable"
    QUALITY_OF_PROGRAMME_CONTENT_NOT_SUITABLE = "quality-of-programme-content-not-suitable"
    QUALITY_OF_PROGRAMME_FACILITATION_NOT_EFFECTIVE = (
        "quality-of-programme-facilitation-not-effective"
    )
    QUALITY_OF_PROGRAMME_ACCESSIBILITY = "quality-of-programme-accessibility"
    QUALITY_OF_PROGRAMME_OTHER = "quality-of-programme-other"
    PROGRAMME_NOT_APPROPRIATE_FOR_ROLE_AND_CPD_NEEDS = (
        "programme-not-appropriate-for-role-and-cpd-needs"
    )
    STARTED_IN_ERROR = "started-in-error"
    OTHER = "other"


class DeferralReason(TextChoices):
    """Why a participant takes a break (rules 7.3)."""

    BEREAVEMENT = "bereavement"
    LONG_TERM_SICKNESS = "long-term-sickness"
    PARENTAL_LEAVE = "parental-leave"
    CAREER_BREAK = "career-break"
    OTHER = "other"


class HeadteacherStatus(TextChoices):
    """Whether and since when the applicant is a headteacher."""

    NO = "no", "No"
    WHEN_COURSE_STARTS = "yes_when_course_starts", "Yes, when the course starts"
    FIRST_TWO_YEARS = "yes_in_first_two_years", "Yes, in the first two years"
    OVER_TWO_YEARS = "yes_over_two_years", "Yes, for over two years"
    FIRST_FIVE_YEARS = "yes_in_first_five_years", "Yes, in the first five years"
    OVER_FIVE_YEARS = "yes_over_five_years", "Yes, for over five years"


class FundingChoice(TextChoices):
    """Who pays where the department does not."""

    SCHOOL = "school", "School"
    TRUST = "trust", "Trust"
    SELF = "self", "Self"
    ANOTHER = "another", "Another"
    EMPLOYER = "employer", "Employer"


class FundingIneligibility(TextChoices):
    """Why an application is not eligible for funding."""

    ESTABLISHMENT = "establishment-ineligible", "The establishment is ineligible"
    PREVIOUSLY_FUNDED = "previously-funded", "Funded before"
