//! Named point lists of the FaceMesh topology (MediaPipe, Apache-2.0); "right" is the person's own right.

/// Upper inner lip from the right corner to the left.
pub const INNER_UPPER: [usize; 11] = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308];
/// Lower inner lip from the right corner to the left.
pub const INNER_LOWER: [usize; 11] = [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308];
/// Upper outer lip, point by point beside [`INNER_UPPER`].
pub const OUTER_UPPER: [usize; 11] = [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291];
/// Lower outer lip, point by point beside [`INNER_LOWER`].
pub const OUTER_LOWER: [usize; 11] = [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291];
/// Middle of the upper lip's red, right to left.
pub const RED_UPPER: [usize; 5] = [41, 38, 12, 268, 271];
/// Middle of the lower lip's red, right to left.
pub const RED_LOWER: [usize; 5] = [86, 85, 15, 315, 316];
/// The outline of the face, clockwise in the picture from the top.
pub const OVAL: [usize; 36] = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172, 58, 132,
    93, 234, 127, 162, 21, 54, 103, 67, 109,
];

/// One eye: both lids from the outer corner to the inner.
pub struct Eye {
    pub upper: [usize; 9],
    pub lower: [usize; 9],
    /// Centre of the iris in the 478-point mesh.
    pub iris: usize,
}

pub const EYES: [Eye; 2] = [
    Eye {
        upper: [33, 246, 161, 160, 159, 158, 157, 173, 133],
        lower: [33, 7, 163, 144, 145, 153, 154, 155, 133],
        iris: 468,
    },
    Eye {
        upper: [263, 466, 388, 387, 386, 385, 384, 398, 362],
        lower: [263, 249, 390, 373, 374, 380, 381, 382, 362],
        iris: 473,
    },
];

/// Both brows, with the points that carry them.
pub const BROWS: [[usize; 10]; 2] = [
    [70, 63, 105, 66, 107, 46, 53, 52, 65, 55],
    [300, 293, 334, 296, 336, 276, 283, 282, 295, 285],
];

pub const UPPER_MIDDLE: usize = 13;
pub const LOWER_MIDDLE: usize = 14;
pub const CORNER_RIGHT: usize = 78;
pub const CORNER_LEFT: usize = 308;
pub const CHIN: usize = 152;
