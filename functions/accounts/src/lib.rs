//! Accounts: signing up and in, and who one is. Each file is a whole route; each binary in `bin/` serves one of them.

mod code;
mod context;
mod cookie;
mod limits;
mod session;
#[cfg(test)]
mod tests;

pub mod change_password;
pub mod confirm_sign_up;
pub mod expire_sign_ups;
pub mod forgot_password;
pub mod get_me;
pub mod post_confirmation;
pub mod refresh_session;
pub mod request_creator;
pub mod resend_code;
pub mod reset_password;
pub mod sign_in;
pub mod sign_out;
pub mod sign_out_everywhere;
pub mod sign_up;

use runtime::http::Samples;
use utoipa_axum::router::OpenApiRouter;

pub use context::Context;
pub use limits::AuthLimits;

/// All routes of this area, for the OpenAPI document.
#[must_use]
pub fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .merge(sign_up::route())
        .merge(resend_code::route())
        .merge(confirm_sign_up::route())
        .merge(forgot_password::route())
        .merge(reset_password::route())
        .merge(sign_in::route())
        .merge(refresh_session::route())
        .merge(sign_out::route())
        .merge(get_me::route())
        .merge(request_creator::route())
        .merge(change_password::route())
        .merge(sign_out_everywhere::route())
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
