//! Where frames go: a window, image files, animations. Files appear whole or not at all.
