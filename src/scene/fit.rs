//! Where cameras and lights go when the script does not say: around what there is to see.
