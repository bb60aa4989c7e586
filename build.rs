//! Compiles the CPU kernels once per instruction set; `src/device/kernels` chooses among them at start.

use std::env;

/// An instruction set that the kernels are compiled for.
struct Variant {
    /// Namespace of the kernels; the entry point is `plotrt_` plus this.
    name: &'static str,
    gnu_flags: &'static [&'static str],
    msvc_flags: &'static [&'static str],
    defines: &'static [&'static str],
}

const SSE2: Variant =
    Variant { name: "kernels_baseline", gnu_flags: &[], msvc_flags: &[], defines: &["PLOT_SIMD_SSE2"] };
const AVX2: Variant = Variant {
    name: "kernels_avx2",
    gnu_flags: &["-mavx2", "-mfma", "-mbmi", "-mbmi2", "-mlzcnt", "-mpopcnt"],
    msvc_flags: &["/arch:AVX2"],
    defines: &["PLOT_SIMD_AVX2"],
};
const NEON: Variant =
    Variant { name: "kernels_baseline", gnu_flags: &[], msvc_flags: &[], defines: &["PLOT_SIMD_NEON"] };
const PORTABLE: Variant = Variant { name: "kernels_baseline", gnu_flags: &[], msvc_flags: &[], defines: &[] };

fn main() {
    println!("cargo:rerun-if-changed=kernels");
    println!("cargo:rustc-check-cfg=cfg(plotrt_avx2)");
    let arch = env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    let variants: &[Variant] = match arch.as_str() {
        "x86_64" => &[SSE2, AVX2],
        "aarch64" => &[NEON],
        _ => &[PORTABLE],
    };
    for variant in variants {
        compile(variant);
    }
    if arch == "x86_64" {
        println!("cargo:rustc-cfg=plotrt_avx2");
    }
}

fn compile(variant: &Variant) {
    let mut build = cc::Build::new();
    build
        .cpp(true)
        .cpp_link_stdlib(None) // nothing of the C++ library is used, so the binary needs none
        .file("kernels/cpu/entry.cpp")
        .define("PLOT_VARIANT", variant.name)
        .define("PLOT_ENTRY", format!("plotrt_{}", variant.name).as_str())
        .opt_level(3) // in every profile: tests trace real images
        .warnings(true)
        .extra_warnings(true);
    if env::var_os("CARGO_FEATURE_TESTING").is_some() {
        build.define("PLOT_TESTING", None);
    }
    for define in variant.defines {
        build.define(define, None);
    }
    // Bit-identical results on all instruction sets: no contraction, nothing reordered.
    if build.get_compiler().is_like_msvc() {
        build.flag("/std:c++17").flag("/fp:precise").flag("/EHs-c-").flag("/GR-");
        for flag in variant.msvc_flags {
            build.flag(flag);
        }
    } else {
        build
            .flag("-std=c++17")
            .flag("-ffp-contract=off")
            .flag("-fno-math-errno")
            .flag("-fno-trapping-math")
            .flag("-fno-exceptions")
            .flag("-fno-rtti")
            .flag("-fvisibility=hidden");
        // Every header defines functions that some variant or device does not use.
        build.flag("-Wno-unused-function").flag("-Wno-unused-variable");
        // A kind without a case.
        build.flag("-Werror=switch");
        for flag in variant.gnu_flags {
            build.flag(flag);
        }
    }
    build.compile(&format!("plotrt_{}", variant.name));
}
