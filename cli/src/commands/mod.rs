//! One file for each group of commands.

mod account;
mod admin;
mod catalogue;
mod fields;
mod ingest;
mod mail;
mod pipeline;
mod play;

use crate::api::Api;
use crate::arguments::{Arguments, Command};
use crate::failure::{Exit, Failure};
use crate::output::Output;

pub(crate) async fn run(arguments: Arguments, output: Output) -> Result<Exit, Failure> {
    let api = Api::new(&arguments.global)?;
    execute(&api, arguments.command, output)
        .await
        .map_err(fields::in_terms_of_options)?;

    Ok(Exit::Done)
}

async fn execute(api: &Api, command: Command, output: Output) -> Result<(), Failure> {
    match command {
        Command::SignUp(options) => account::sign_up(api, options, output).await,
        Command::Confirm(options) => account::confirm(api, options, output).await,
        Command::SignIn(options) => account::sign_in(api, options, output).await,
        Command::Resend(address) => account::resend(api, address, output).await,
        Command::Forgot(address) => account::forgot(api, address, output).await,
        Command::Reset(options) => account::reset(api, options, output).await,
        Command::Password(options) => account::change_password(api, options, output).await,
        Command::SignOut(options) if options.everywhere => account::sign_out_everywhere(api, output).await,
        Command::SignOut(_) => account::sign_out(api, output).await,
        Command::Whoami => account::whoami(api, output).await,
        Command::StartPublishing => admin::start_publishing(api, output).await,
        Command::Admin { command } => admin::run(api, command, output).await,
        Command::Ingest(options) => ingest::run(api, options, output).await,
        Command::Upload(options) => ingest::upload(api, options, output).await,
        Command::AbortUpload(title) => ingest::abort(api, &title.id, output).await,
        Command::Titles(options) => catalogue::titles(api, &options, output).await,
        Command::Genres => catalogue::genres(api, output).await,
        Command::Title(title) => catalogue::title(api, &title.id, output).await,
        Command::Similar(title) => catalogue::similar(api, &title.id, output).await,
        Command::Edit(options) => catalogue::edit(api, options, output).await,
        Command::Archive(title) => catalogue::archive(api, &title.id, output).await,
        Command::Restore(title) => catalogue::restore(api, &title.id, output).await,
        Command::Delete(title) => catalogue::delete(api, &title.id, output).await,
        Command::Timeline(options) => pipeline::timeline(api, &options, output).await,
        Command::Redrive(options) => pipeline::redrive(api, &options, output).await,
        Command::Cancel(title) => pipeline::cancel(api, &title.id, output).await,
        Command::Play(options) => play::run(api, &options, output).await,
        Command::Mail(options) => mail::run(api, &options, output).await,
    }
}
