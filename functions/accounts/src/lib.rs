//! Accounts: signing up and in, and who one is. Each file is a whole route.

mod code;
mod context;
mod cookie;
mod limits;
mod session;
#[cfg(test)]
mod tests;

use runtime::http::Samples;

pub use context::Context;
pub use limits::AuthLimits;

runtime::functions! {
    routes(Context):
        sign_up,
        resend_code,
        confirm_sign_up,
        forgot_password,
        reset_password,
        sign_in,
        refresh_session,
        sign_out,
        get_me,
        request_creator,
        change_password,
        sign_out_everywhere;
    events:
        expire_sign_ups,
        post_confirmation;
}

/// Examples of what this area's routes take and give.
#[must_use]
pub fn samples() -> Vec<Samples> {
    vec![
        Samples::of::<sign_up::SignUpRequest>(),
        Samples::of::<code::CodeAsked>(),
        Samples::of::<code::CodeRequest>(),
        Samples::of::<confirm_sign_up::ConfirmSignUpRequest>(),
        Samples::of::<reset_password::ResetPasswordRequest>(),
        Samples::of::<sign_in::SignInRequest>(),
        Samples::of::<session::SessionView>(),
        Samples::of::<session::RefreshTokenRequest>(),
        Samples::of::<get_me::Me>(),
        Samples::of::<request_creator::CreatorRequestView>(),
        Samples::of::<change_password::ChangePasswordRequest>(),
    ]
}
