//! The zones of the body chart: what they are called, on which side they are, and how they are drawn. Pure.
//!
//! Sides are always the patient's own. In a front view the patient's left is on the right of the drawing, as in somebody
//! who stands before you; in a back view it is on the left.

use super::log::Side;

/// A part of the body, whichever its side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    LowerBack,
    Buttock,
    /// Groin, genitals, and round the back passage: numb, it is a warning sign (E01). One zone and not several, so that a
    /// thumb which lands beside its mark still raises the alarm.
    Saddle,
    ThighFront,
    ThighOuter,
    ThighBack,
    Knee,
    Shin,
    Calf,
    CalfOuter,
    FootTop,
    Sole,
    BigToe,
    LittleToe,
}

impl Area {
    /// From the top down.
    pub const ALL: [Self; 14] = [
        Self::LowerBack,
        Self::Buttock,
        Self::Saddle,
        Self::ThighFront,
        Self::ThighOuter,
        Self::ThighBack,
        Self::Knee,
        Self::Shin,
        Self::Calf,
        Self::CalfOuter,
        Self::FootTop,
        Self::Sole,
        Self::BigToe,
        Self::LittleToe,
    ];

    fn id(self) -> &'static str {
        match self {
            Self::LowerBack => "lower_back",
            Self::Buttock => "buttock",
            Self::Saddle => "saddle",
            Self::ThighFront => "thigh_front",
            Self::ThighOuter => "thigh_outer",
            Self::ThighBack => "thigh_back",
            Self::Knee => "knee",
            Self::Shin => "shin",
            Self::Calf => "calf",
            Self::CalfOuter => "calf_outer",
            Self::FootTop => "foot_top",
            Self::Sole => "sole",
            Self::BigToe => "big_toe",
            Self::LittleToe => "little_toe",
        }
    }

    /// Without its side.
    pub fn words(self) -> &'static str {
        match self {
            Self::LowerBack => "lower back",
            Self::Buttock => "buttock",
            Self::Saddle => "groin or between the legs",
            Self::ThighFront => "front of the thigh",
            Self::ThighOuter => "outer thigh",
            Self::ThighBack => "back of the thigh",
            Self::Knee => "knee",
            Self::Shin => "shin",
            Self::Calf => "calf",
            Self::CalfOuter => "outer side of the lower leg",
            Self::FootTop => "top of the foot",
            Self::Sole => "sole",
            Self::BigToe => "big toe",
            Self::LittleToe => "little toe",
        }
    }

    /// Whether it is of the leg, as the rules on the other leg mean it.
    fn is_leg(self) -> bool {
        !matches!(self, Self::LowerBack | Self::Buttock | Self::Saddle)
    }
}

/// A zone of the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    area: Area,
    /// None in the middle, which the lower back alone has.
    side: Option<Side>,
}

impl Zone {
    pub const MIDDLE: Self = Self { area: Area::LowerBack, side: None };

    pub const fn of(area: Area, side: Side) -> Self {
        Self { area, side: Some(side) }
    }

    /// Every one of them: the left side from the top down, the middle, the right side.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::of_side(Some(Side::Left)).chain([Self::MIDDLE]).chain(Self::of_side(Some(Side::Right)))
    }

    /// Those of a side, from the top down, or of the middle.
    pub fn of_side(side: Option<Side>) -> impl Iterator<Item = Self> {
        let areas = if side.is_some() { Area::ALL.as_slice() } else { &[Area::LowerBack] };
        areas.iter().map(move |area| Self { area: *area, side })
    }

    pub fn side(self) -> Option<Side> {
        self.side
    }

    /// In the name of its field: "calf_left".
    pub fn id(self) -> String {
        [self.area.id(), "_", self.side.map_or("middle", Side::name)].concat()
    }

    /// "left calf"; the side first, because it is what is mistaken.
    pub fn words(self) -> String {
        [self.side.map_or("middle", Side::name), " ", self.area.words()].concat()
    }

    pub fn is_saddle(self) -> bool {
        self.area == Area::Saddle
    }

    pub fn is_buttock(self) -> bool {
        self.area == Area::Buttock
    }

    /// The leg that it is of, if any.
    pub fn leg(self) -> Option<Side> {
        self.side.filter(|_| self.area.is_leg())
    }
}

/// What a zone can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feeling {
    Pain,
    /// Numb or tingling.
    Numb,
}

impl Feeling {
    pub const BOTH: [Self; 2] = [Self::Pain, Self::Numb];

    pub fn words(self) -> &'static str {
        match self {
            Self::Pain => "painful",
            Self::Numb => "numb or tingling",
        }
    }
}

/// What a zone is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Felt {
    pub pain: bool,
    pub numb: bool,
}

impl Felt {
    /// As an entry says it. What no version of ours writes is nothing.
    pub fn named(text: &str) -> Self {
        Self { pain: matches!(text, "pain" | "both"), numb: matches!(text, "numb" | "both") }
    }

    /// As [`Felt::named`] reads it; none where there is nothing.
    pub fn name(self) -> Option<&'static str> {
        match (self.pain, self.numb) {
            (false, false) => None,
            (true, false) => Some("pain"),
            (false, true) => Some("numb"),
            (true, true) => Some("both"),
        }
    }

    pub fn is(self, feeling: Feeling) -> bool {
        match feeling {
            Feeling::Pain => self.pain,
            Feeling::Numb => self.numb,
        }
    }

    #[must_use]
    pub fn with(self, feeling: Feeling, there: bool) -> Self {
        match feeling {
            Feeling::Pain => Self { pain: there, ..self },
            Feeling::Numb => Self { numb: there, ..self },
        }
    }

    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }

    /// "painful and numb or tingling".
    pub fn words(self) -> &'static str {
        match (self.pain, self.numb) {
            (false, false) => "not marked",
            (true, false) => "painful",
            (false, true) => "numb or tingling",
            (true, true) => "painful, and numb or tingling",
        }
    }
}

/// From where the body is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    Front,
    Back,
}

/// A zone as it is drawn in one half.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub area: Area,
    pub path: &'static str,
    /// Where a thumb may land besides: empty room beside the body.
    pub reach: &'static str,
}

/// Both views have 320 units across and 540 down. Of each, the half on the left of the drawing is here; the other is its
/// mirror image, at [`MIRROR`].
pub const VIEW_BOX: &str = "16 0 288 540";
pub const MIRROR: &str = "matrix(-1 0 0 1 320 0)";

impl View {
    pub const BOTH: [Self; 2] = [Self::Front, Self::Back];

    /// The patient's side that is drawn on the left.
    pub fn on_the_left(self) -> Side {
        match self {
            Self::Front => Side::Right,
            Self::Back => Side::Left,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Front => "Front",
            Self::Back => "Back",
        }
    }

    /// From the top down. What is seen from both sides is in both views.
    pub fn shapes(self) -> &'static [Shape] {
        match self {
            Self::Front => FRONT,
            Self::Back => BACK,
        }
    }

    /// The lines of one half.
    pub fn outline(self) -> &'static str {
        match self {
            Self::Front => FRONT_LINES,
            Self::Back => BACK_LINES,
        }
    }

    /// The lines in the middle.
    pub fn midline(self) -> &'static str {
        match self {
            Self::Front => "M160 66v9M160 168v8",
            Self::Back => "M160 0v22M160 108v80",
        }
    }
}

const fn shape(area: Area, path: &'static str, reach: &'static str) -> Shape {
    Shape { area, path, reach }
}

const KNEE: Shape =
    shape(Area::Knee, "M82 286L143 286C145 300 144 314 141 328L80 328C80 314 83 300 82 286Z", "M44 286H156V328H44Z");
const CALF_OUTER: Shape = shape(
    Area::CalfOuter,
    "M80 328L102 328C101 356 106 396 111 434L97 434C92 404 68 372 80 328Z",
    "M24 328L102 328C101 356 106 396 111 434L24 434Z",
);
/// Shin and calf.
const LOWER_LEG: &str = "M102 328L141 328C146 356 136 396 127 434L111 434C106 396 101 356 102 328Z";
const LOWER_LEG_REACH: &str = "M102 328L157 328L157 434L111 434C106 396 101 356 102 328Z";

static FRONT: &[Shape] = &[
    shape(Area::Saddle, "M160 112C146 116 120 118 98 128C112 134 134 150 157 178L160 178Z", "M160 108L98 128L160 196Z"),
    shape(
        Area::ThighOuter,
        "M71 118C60 150 59 190 66 224C71 248 78 268 82 286L103 286C98 250 94 190 98 128Z",
        "M24 118H71L98 128C94 190 98 250 103 286H24Z",
    ),
    shape(
        Area::ThighFront,
        "M98 128C112 134 134 150 157 178C157 214 150 254 143 286L103 286C98 250 94 190 98 128Z",
        "",
    ),
    KNEE,
    shape(Area::Shin, LOWER_LEG, LOWER_LEG_REACH),
    CALF_OUTER,
    shape(
        Area::FootTop,
        "M97 434L127 434C131 452 134 476 135 494C129 488 114 488 108 496C106 503 106 512 108 520C105 525 97 526 93 520C88 524 80 522 79 514C83 509 85 503 86 496C84 492 76 488 66 492C74 476 90 456 97 434Z",
        "M97 434H127L152 494L108 496V540H93L86 496L66 492Z",
    ),
    shape(
        Area::BigToe,
        "M108 496C114 488 129 488 135 494C140 508 138 528 124 530C118 530 112 528 108 520C106 512 106 503 108 496Z",
        "M108 496L135 490H158V540H108Z",
    ),
    shape(
        Area::LittleToe,
        "M66 492C76 488 84 492 86 496C85 503 83 509 79 514C76 516 72 517 68 516C58 514 60 500 66 492Z",
        "M32 476H72L86 496L84 540H32Z",
    ),
];

static BACK: &[Shape] = &[
    shape(Area::LowerBack, "M97 26C100 44 98 64 88 84L136 96L142 26Z", "M48 26L142 26L136 96L88 84H48Z"),
    shape(
        Area::Buttock,
        "M88 84C78 96 74 108 71 118C63 142 62 160 62 176C84 196 118 200 136 192C132 160 132 128 138 96Z",
        "M48 84H88L138 96C132 128 132 160 136 192C118 200 84 196 62 176H48Z",
    ),
    shape(
        Area::Saddle,
        "M160 102L138 96C132 128 132 160 136 192C144 196 152 200 157 206L160 206Z",
        "M160 102L138 96C132 128 132 160 136 192L160 222Z",
    ),
    shape(
        Area::ThighBack,
        "M98 194C112 198 126 197 136 192C144 196 152 200 157 206C156 230 150 258 143 286L103 286C98 256 96 224 98 194Z",
        "",
    ),
    shape(
        Area::ThighOuter,
        "M62 176C62 194 63 210 66 224C71 248 78 268 82 286L103 286C98 256 96 224 98 194C84 192 72 184 62 176Z",
        "M24 176H62L98 194C96 224 98 256 103 286H24Z",
    ),
    KNEE,
    shape(Area::Calf, LOWER_LEG, LOWER_LEG_REACH),
    CALF_OUTER,
    shape(
        Area::Sole,
        "M97 434L127 434C134 446 130 462 132 478C136 488 138 496 137 504C141 516 136 530 124 530C118 530 112 528 109 522C105 527 97 527 94 521C88 525 81 522 80 516C72 518 64 512 68 500C74 486 86 482 92 466C94 454 92 444 97 434Z",
        "M97 434H127L156 478V540H36V490L92 466Z",
    ),
];

/// The lower back's own middle, which is its own mirror image.
pub const MIDDLE_PATH: &str = "M142 26L178 26L184 96L182 96L160 102L138 96L136 96Z";

static FRONT_LINES: &str = "M92 0C100 30 104 54 88 84C78 100 74 108 71 118C60 150 59 190 66 224C71 248 78 268 82 286C83 300 80 314 80 328C68 372 92 404 97 434C90 456 74 476 66 492C60 500 58 514 68 516C72 517 76 516 79 514C80 522 88 524 93 520C97 526 105 525 108 520C112 528 118 530 124 530C138 528 140 508 135 494C134 476 131 452 127 434C136 396 146 356 141 328C144 314 145 300 143 286C150 254 157 214 157 178M86 496C85 503 83 509 79 514M97 502C97 508 96 514 93 520M108 496C106 503 106 512 108 520M100 298C106 293 120 293 126 298M102 318C108 322 118 322 124 318M119 526C122 521 128 521 131 525";

static BACK_LINES: &str = "M92 0C100 30 104 54 88 84C78 96 74 108 71 118C60 150 59 190 66 224C71 248 78 268 82 286C83 300 80 314 80 328C68 372 92 404 97 434C92 444 94 454 92 466C86 482 74 486 68 500C64 512 72 518 80 516C81 522 88 525 94 521C97 527 105 527 109 522C112 528 118 530 124 530C136 530 141 516 137 504C138 496 136 488 132 478C130 462 134 446 127 434C136 396 146 356 141 328C144 314 145 300 143 286C150 258 156 230 157 206M80 516C82 512 84 508 84 504M94 521C97 516 98 511 98 507M109 522C108 516 108 511 110 506M96 308C106 312 120 312 130 308M97 452C104 462 120 462 130 454M82 186C98 198 122 200 136 192C146 190 153 188 157 182";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_has_an_id_and_words_of_its_own_that_name_its_side() {
        let zones: Vec<Zone> = Zone::all().collect();
        assert_eq!(zones.len(), 29);
        let mut ids: Vec<String> = zones.iter().map(|zone| zone.id()).collect();
        let mut words: Vec<String> = zones.iter().map(|zone| zone.words()).collect();
        for zone in &zones {
            let side = zone.side().map_or("middle", Side::name);
            assert!(zone.words().starts_with(side) && zone.id().ends_with(side), "{zone:?}");
        }
        for names in [&mut ids, &mut words] {
            names.sort();
            names.dedup();
            assert_eq!(names.len(), 29);
        }
    }

    #[test]
    fn every_zone_is_drawn_and_the_saddle_in_both_views() {
        for area in Area::ALL {
            let views = View::BOTH.into_iter().filter(|view| view.shapes().iter().any(|shape| shape.area == area));
            let views = views.count();
            assert!(views >= 1, "{area:?}");
            assert_eq!(views == 2, matches!(area, Area::Saddle | Area::ThighOuter | Area::Knee | Area::CalfOuter));
        }
    }

    #[test]
    fn the_left_of_the_drawing_is_the_right_of_whoever_faces_you_and_the_left_of_whoever_turns_away() {
        assert_eq!(View::Front.on_the_left(), Side::Right);
        assert_eq!(View::Back.on_the_left(), Side::Left);
    }

    #[test]
    fn what_is_drawn_in_one_half_stays_in_it() {
        for shape in View::BOTH.iter().flat_map(|view| view.shapes()) {
            for path in [shape.path, shape.reach] {
                assert!(path.is_empty() || (path.starts_with('M') && path.ends_with('Z')), "{path}");
            }
            // Absolute coordinates alone, so that the numbers of a path alternate between across and down.
            assert!(!shape.path.contains(|letter: char| letter.is_ascii_lowercase()), "{}", shape.path);
            let numbers: Vec<u16> = shape
                .path
                .split(|letter: char| !letter.is_ascii_digit())
                .filter(|number| !number.is_empty())
                .map(|number| number.parse().unwrap())
                .collect();
            for pair in numbers.chunks(2) {
                assert!(pair[0] <= 160 && pair[1] <= 540, "{:?} {pair:?}", shape.area);
            }
        }
    }

    #[test]
    fn what_is_felt_reads_as_it_was_written() {
        for (pain, numb) in [(false, false), (true, false), (false, true), (true, true)] {
            let felt = Felt { pain, numb };
            assert_eq!(Felt::named(felt.name().unwrap_or_default()), felt);
        }
        assert_eq!(Felt::named("of another version"), Felt::default());
    }

    #[test]
    fn a_leg_begins_below_the_buttock() {
        assert_eq!(Zone::of(Area::Sole, Side::Left).leg(), Some(Side::Left));
        assert_eq!(Zone::of(Area::ThighFront, Side::Right).leg(), Some(Side::Right));
        for area in [Area::LowerBack, Area::Buttock, Area::Saddle] {
            assert_eq!(Zone::of(area, Side::Left).leg(), None, "{area:?}");
        }
    }
}
