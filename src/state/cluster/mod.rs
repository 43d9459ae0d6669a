//! State in a cluster, and whether an object still runs there. The only user of kube.

mod access;
mod credentials;
mod discovery;
mod explain;
mod kubeconfig;
mod list;
mod look_up;
mod proxy;
mod request;

use std::time::Duration;

use kube::{Client, Config};
use tokio::{sync::OnceCell, task::spawn_blocking, time::timeout};

use self::{credentials::Plugin, explain::Explain, request::Failure};
pub use self::{kubeconfig::Environment, look_up::Presence};
use super::State;
use crate::{domain::StateKey, error::Result, report::ClusterContext};

/// How long a credential plugin may take. They ask a cloud's API, not a person.
const PLUGIN_TIMEOUT: Duration = Duration::from_secs(60);

/// Which cluster.
#[derive(Clone, Debug, Default)]
pub struct ClusterOptions {
    /// `--context`: a context of the kubeconfig instead of its current one.
    pub context: Option<String>,
    /// `--context-name`: what to call the cluster where there is no kubeconfig.
    pub context_name: Option<String>,
}

/// A cluster, connected to when it is first asked.
pub struct Cluster {
    context: ClusterContext,
    plugin: Option<Plugin>,
    config: Option<Config>,
    client: OnceCell<Client>,
}

impl Cluster {
    /// Finds the cluster by kubectl's rules: `KUBECONFIG` or `~/.kube/config`, the named
    /// or current context; without a kubeconfig the ServiceAccount of the pod.
    ///
    /// Nothing is sent and no credential plugin is run yet, so that the context's name
    /// can be checked first.
    ///
    /// # Errors
    ///
    /// `Usage` where the kubeconfig, the context or HTTPS_PROXY cannot be used.
    pub fn connect(options: &ClusterOptions) -> Result<Self> {
        Self::connect_in(options, &Environment::of_process())
    }

    /// [`Self::connect`] in other surroundings than this process's.
    ///
    /// # Errors
    ///
    /// As [`Self::connect`].
    pub fn connect_in(options: &ClusterOptions, environment: &Environment) -> Result<Self> {
        let place = kubeconfig::locate(options, environment)?;
        Ok(Self {
            context: place.context,
            plugin: place.plugin,
            config: Some(place.config),
            client: OnceCell::new(),
        })
    }

    /// A cluster behind a client that is there already.
    pub fn from_client(client: Client, context: ClusterContext) -> Self {
        Self { context, plugin: None, config: None, client: OnceCell::new_with(Some(client)) }
    }

    /// Name and API server of the cluster; known before anything is sent.
    pub fn context(&self) -> &ClusterContext {
        &self.context
    }

    /// Reads all State: one LIST of the ConfigMaps in the namespace `tazuna`, in pages.
    /// Whether there is no State yet or no such namespace is a warning.
    ///
    /// # Errors
    ///
    /// `Cluster`, with the next step as a hint. What may pass (429, 5xx, a cut
    /// connection) is tried again for at most two minutes of waiting.
    pub async fn read_state(&self) -> Result<State> {
        let read = async { list::read_state(self.client().await?, &self.context).await };
        read.await.map_err(|failure| self.explain().error(&failure))
    }

    /// Whether these credentials may list the ConfigMaps that State is in.
    ///
    /// # Errors
    ///
    /// `Cluster`, where the API server cannot be asked.
    pub async fn may_list_state(&self) -> Result<bool> {
        let ask = async { access::may_list_state(self.client().await?).await };
        ask.await.map_err(|failure| self.explain().error(&failure))
    }

    /// Looks whether objects are in the cluster, one GET each, and at most `limit` of
    /// them; the rest is unknown. The result has the order of `keys`.
    ///
    /// Only metadata is asked for, so that no Secret's content is ever fetched.
    pub async fn look_up(&self, keys: &[StateKey], limit: usize) -> Vec<(StateKey, Presence)> {
        if keys.is_empty() {
            return Vec::new();
        }
        match self.client().await {
            Ok(client) => look_up::look_up(client, keys, limit).await,
            Err(failure) => {
                let reason = explain::problem(&failure);
                keys.iter().map(|key| (key.clone(), Presence::Unknown(reason.clone()))).collect()
            }
        }
    }

    fn explain(&self) -> Explain<'_> {
        Explain { context: &self.context, plugin: self.plugin.as_ref() }
    }

    /// The client; running a credential plugin, if there is one, at the first call.
    async fn client(&self) -> Result<&Client, Failure> {
        self.client.get_or_try_init(|| self.build_client()).await
    }

    async fn build_client(&self) -> Result<Client, Failure> {
        let config = self.config.clone().expect("a cluster without a client has a configuration");
        // The plugin is run by kube and blocks its thread.
        let client = spawn_blocking(move || Client::try_from(config));
        match timeout(PLUGIN_TIMEOUT, client).await {
            Ok(Ok(client)) => client.map_err(|error| request::of_setup(&error)),
            Ok(Err(error)) => Err(Failure::Credentials(format!("they cannot be used: {error}"))),
            Err(_) => Err(Failure::Credentials(format!(
                "the credential plugin did not answer within {} seconds",
                PLUGIN_TIMEOUT.as_secs()
            ))),
        }
    }
}
