//! The credentials of a kubeconfig: plugins that cannot be run, said without a secret.

use kube::{
    client::AuthError,
    config::{AuthInfo, ExecInteractiveMode},
};

use super::request::one_line;

/// What went wrong with credentials.
///
/// kube's own messages are not used where they hold what a plugin printed or was given:
/// that is where tokens and keys are.
pub(super) fn describe(error: &AuthError) -> String {
    match error {
        AuthError::AuthExecStart(error) => {
            format!("the credential plugin cannot be started: {error}")
        }
        AuthError::AuthExecRun { out, .. } => {
            let said = String::from_utf8_lossy(&out.stderr);
            let said = said.lines().rfind(|line| !line.trim().is_empty()).map(one_line);
            match said {
                Some(said) => format!("the credential plugin failed ({}): {said}", out.status),
                None => format!("the credential plugin failed ({})", out.status),
            }
        }
        AuthError::AuthExecParse(_) | AuthError::ParseTokenKey(_) => {
            "the credential plugin printed something that is no ExecCredential".to_owned()
        }
        AuthError::ExecPluginFailed => {
            "the credential plugin printed an ExecCredential without a status".to_owned()
        }
        AuthError::MissingCommand => "the credential plugin has no `command`".to_owned(),
        AuthError::ReadTokenFile(error, path) => {
            format!("the token file {} cannot be read: {error}", path.display())
        }
        AuthError::MalformedTokenExpirationDate(_) => {
            "the credential plugin printed an expirationTimestamp that is no time".to_owned()
        }
        AuthError::InvalidBearerToken(_) | AuthError::InvalidBasicAuth(_) => {
            "the token or password holds a character that HTTP does not allow \
             (often a line break at its end)"
                .to_owned()
        }
        AuthError::AuthExec(_) => {
            "its `auth-provider` is not supported; use an exec plugin".to_owned()
        }
        _ => "they cannot be used".to_owned(),
    }
}

/// The credential plugin of a kubeconfig user.
#[derive(Clone, Debug)]
pub(super) struct Plugin {
    pub(super) command: String,
    /// The kubeconfig's own words on how to install it.
    pub(super) install_hint: Option<String>,
}

impl Plugin {
    /// The plugin that `auth` names, if any.
    pub(super) fn of(auth: &AuthInfo) -> Option<Self> {
        let exec = auth.exec.as_ref()?;
        Some(Self {
            command: exec.command.clone().unwrap_or_default(),
            install_hint: exec
                .install_hint
                .as_deref()
                .map(one_line)
                .filter(|hint| !hint.is_empty()),
        })
    }
}

/// Tells the plugin that nobody is there to answer, unless somebody may be: kube
/// would hand it the job's standard input. As in kubectl, `Always` is left alone.
pub(super) fn without_terminal(auth: &mut AuthInfo) {
    if let Some(exec) = &mut auth.exec
        && exec.interactive_mode != Some(ExecInteractiveMode::Always)
    {
        exec.interactive_mode = Some(ExecInteractiveMode::Never);
    }
}
