//! The mailbox page.

use std::fmt::Write as _;

use html_escape::{encode_double_quoted_attribute, encode_text};

use super::Mail;

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mailbox · Marquee on this machine</title>
<style>
  :root { color-scheme: light dark; background: Canvas; color: CanvasText; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 44rem; margin: 0 auto; padding: 1.5rem 1rem; overflow-wrap: anywhere; }
  article { border: 1px solid #8886; border-radius: .5rem; padding: .75rem 1rem; margin: 1rem 0; }
  h2 { font-size: 1.05rem; margin: 0; }
  header p, .empty { margin: 0; opacity: .75; }
  pre { white-space: pre-wrap; font: inherit; margin: .5rem 0 0; }
  .code { font: 600 1.75rem/1.3 ui-monospace, monospace; letter-spacing: .12em; margin: .5rem 0 0; }
</style>
</head>
<body>
<main>
<h1>Mailbox</h1>
<p>Marquee on this machine sends no mail over the network. The mails that it would send are listed here, newest first.
<a href="">Refresh</a></p>
"#;

/// The page; `to` is the address of the filter.
pub(super) fn page(mails: &[Mail], to: Option<&str>) -> String {
    let mut page = HEAD.to_owned();
    // Writing into a string cannot fail.
    _ = write_mails(&mut page, mails, to);
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn write_mails(page: &mut String, mails: &[Mail], to: Option<&str>) -> std::fmt::Result {
    if let Some(to) = to {
        let to = encode_text(to);
        writeln!(page, r#"<p>Only mails to {to}. <a href="/_edge/mail">Show all</a></p>"#)?;
    }
    if mails.is_empty() {
        writeln!(page, r#"<p class="empty">No mail yet.</p>"#)?;
    }
    for mail in mails {
        let (to, subject) = (mail.to.join(", "), encode_text(&mail.subject));
        let time = mail.sent_at.strftime("%Y-%m-%d %H:%M:%S UTC");
        writeln!(page, "<article>\n<header>\n<h2 dir=\"auto\">{subject}</h2>")?;
        writeln!(
            page,
            r#"<p>to {} · <time datetime="{}">{time}</time></p>"#,
            encode_text(&to),
            encode_double_quoted_attribute(&mail.sent_at.to_string())
        )?;
        writeln!(page, "</header>")?;
        if let Some(code) = &mail.code {
            writeln!(page, r#"<p class="code">{code}</p>"#)?;
        }
        writeln!(page, "<pre dir=\"auto\">{}</pre>\n</article>", encode_text(&mail.text))?;
    }

    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn mails_are_escaped() {
        let mail = Mail {
            to: vec!["\"<b>\"@example.org".to_owned()],
            subject: "<script>alert(1)</script>".to_owned(),
            text: "Your code is 123456 & <i>more</i>".to_owned(),
            code: Some("123456".to_owned()),
            sent_at: Timestamp::UNIX_EPOCH,
        };

        let page = page(&[mail], Some("<img src=x>"));

        for raw in ["<script>", "<i>", "<b>", "<img"] {
            assert!(!page.contains(raw), "{raw} is in the page");
        }
        assert!(page.contains(r#"<p class="code">123456</p>"#));
    }

    #[test]
    fn an_empty_mailbox_says_so() {
        assert!(page(&[], None).contains("No mail yet."));
    }

    #[test]
    fn the_page_does_not_reload_by_itself() {
        // A reload interrupts screen readers and moves an enlarged page.
        assert!(!page(&[], None).contains("http-equiv"));
    }
}
