//! What the browser shows a page as: how wide, how dark, how still.

use serde_json::{Value, json};

/// Device, as a page's media queries see it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Width of the window, CSS pixels.
    pub width: u32,
    /// Height of the window, CSS pixels.
    pub height: u32,
    /// The person prefers dark pages.
    pub dark: bool,
    /// Pixels of the picture for each CSS pixel.
    pub scale: f64,
}

impl Look {
    /// A window on a desk, light.
    pub const DESK: Self = Self {
        width: 1280,
        height: 800,
        dark: false,
        scale: 1.0,
    };
    /// The narrowest phone that is still sold, light.
    pub const PHONE: Self = Self {
        width: 360,
        height: 740,
        dark: false,
        scale: 2.0,
    };

    /// The same in the dark.
    #[must_use]
    pub const fn dark(self) -> Self {
        Self { dark: true, ..self }
    }

    /// Commands of the Chrome DevTools protocol that make it so.
    pub(super) fn commands(self) -> [(&'static str, Value); 2] {
        let metrics = json!({
            "width": self.width,
            "height": self.height,
            "deviceScaleFactor": self.scale,
            "mobile": false,
        });
        let scheme = if self.dark { "dark" } else { "light" };
        let media = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]});
        [
            ("Emulation.setDeviceMetricsOverride", metrics),
            ("Emulation.setEmulatedMedia", media),
        ]
    }
}
