//! The words for systems and steps.

use super::super::locale::{Phrase, Texts};
use crate::enrolment::{Part, System};

impl Texts {
    pub(super) const fn of_system(&self, system: System) -> &Phrase {
        match system {
            System::Windows => &self.enrol.windows,
            System::Macos => &self.enrol.macos,
            System::Debian => &self.enrol.debian,
            System::Rpm => &self.enrol.rpm,
            System::ByHand => &self.enrol.by_hand,
        }
    }

    pub(super) const fn of_part(&self, part: Part) -> &Phrase {
        match part {
            Part::InstallAndEnrol => &self.enrol.step_install_and_enrol,
            Part::Configure => &self.enrol.step_configure,
            Part::Install => &self.enrol.step_install,
            Part::Enrol => &self.enrol.step_enrol,
        }
    }
}
