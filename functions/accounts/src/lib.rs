//! Accounts: sign-up, sign-in and the caller's own account. One file for each route.

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

/// Examples of the requests and answers of this area's routes.
#[must_use]
pub fn samples() -> Vec<Samples> {
    vec![
        Samples::new::<sign_up::SignUpRequest>(),
        Samples::new::<code::CodeAsked>(),
        Samples::new::<code::CodeRequest>(),
        Samples::new::<confirm_sign_up::ConfirmSignUpRequest>(),
        Samples::new::<reset_password::ResetPasswordRequest>(),
        Samples::new::<sign_in::SignInRequest>(),
        Samples::new::<session::SessionView>(),
        Samples::new::<session::RefreshTokenRequest>(),
        Samples::new::<get_me::Me>(),
        Samples::new::<request_creator::CreatorRequestView>(),
        Samples::new::<change_password::ChangePasswordRequest>(),
    ]
}
