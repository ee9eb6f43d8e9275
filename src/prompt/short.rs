//! Short forms of context names that a cloud has generated.

use std::collections::{HashMap, HashSet};

/// The shortest form of a generated context name: the cluster of an EKS ARN or a GKE name, the server of an OpenShift
/// login. Any other name is returned unchanged.
///
/// ```
/// use kcx::prompt::short;
/// assert_eq!(short("arn:aws:eks:eu-west-1:123456789012:cluster/shop"), "shop");
/// assert_eq!(short("gke_my-project_europe-west1_shop"), "shop");
/// assert_eq!(short("default/api-shop-example-com:6443/kube:admin"), "shop-example-com");
/// assert_eq!(short("team/prod"), "team/prod");
/// ```
#[must_use]
pub fn short(context: &str) -> String {
    forms(context).into_iter().next().unwrap_or_else(|| context.to_owned())
}

/// The shortest form of a context name that could not be read as another of these names, or as a form of one. If each
/// form is taken, the name itself. Two different names never get the same result.
///
/// ```
/// use kcx::prompt::short_among;
/// let names = ["gke_shop-dev_europe-west1_main", "gke_shop-prod_europe-west1_main", "gke_shop-prod_europe-west1_test"];
/// assert_eq!(names.map(|name| short_among(name, names)), ["shop-dev/main", "shop-prod/main", "test"]);
/// ```
#[must_use]
pub fn short_among<'n>(context: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    let mut free = forms(context);
    // `/` and `@` join the parts of a form, so any name with an equal form contains this text. Most names do not, and
    // their forms need not be built.
    let shared = free.first().and_then(|form| form.split(['/', '@']).max_by_key(|part| part.len()));
    let shared = memchr::memmem::Finder::new(shared.unwrap_or_default()).into_owned();
    for other in names {
        if free.is_empty() {
            break;
        }
        if other != context && shared.find(other.as_bytes()).is_some() {
            let taken = forms(other);
            free.retain(|form| form != other && !taken.contains(form));
        }
    }
    free.into_iter().next().unwrap_or_else(|| context.to_owned())
}

/// Short names of many contexts (or clusters, or users) at once: the same as [`short_among`], in time linear in their number.
#[derive(Clone, Debug, Default)]
pub struct ShortNames {
    /// Each name and form, and the number of names that it stands for.
    uses: HashMap<String, usize>,
}

impl ShortNames {
    /// The short names among these different names.
    ///
    /// ```
    /// use kcx::prompt::ShortNames;
    /// let names = ShortNames::new(["gke_a_europe-west1_main", "gke_b_europe-west1_main", "kind"]);
    /// assert_eq!(names.of("gke_a_europe-west1_main").as_deref(), Some("a/main"));
    /// assert_eq!(names.of("kind"), None);
    /// ```
    pub fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> ShortNames {
        let mut uses = HashMap::new();
        for name in names {
            let all: HashSet<String> = forms(name).into_iter().chain([name.to_owned()]).collect();
            for text in all {
                *uses.entry(text).or_default() += 1;
            }
        }
        ShortNames { uses }
    }

    /// The short form of one of the names, if it has one that stands for it alone.
    #[must_use]
    pub fn of(&self, name: &str) -> Option<String> {
        let own = usize::from(self.uses.contains_key(name));
        forms(name).into_iter().find(|form| self.uses.get(form).copied().unwrap_or_default() <= own)
    }
}

/// The short forms of a generated name, in the order in which they are tried; none for any other name.
fn forms(context: &str) -> Vec<String> {
    let forms = eks(context).or_else(|| gke(context)).or_else(|| openshift(context));
    forms.filter(|forms| !forms[0].is_empty()).unwrap_or_default()
}

/// `arn:aws:eks:REGION:ACCOUNT:cluster/NAME`
fn eks(context: &str) -> Option<Vec<String>> {
    let (arn, cluster) = context.split_once(":cluster/")?;
    // The partition differs in China and for government regions.
    let (_, place) = arn.strip_prefix("arn:aws")?.split_once(":eks:")?;
    let short = cluster.to_owned();
    Some(match place.split_once(':') {
        Some((region, account)) => vec![
            short,
            format!("{cluster}@{account}"),
            format!("{cluster}@{region}"),
            format!("{cluster}@{account}/{region}"),
        ],
        None => vec![short],
    })
}

/// `gke_PROJECT_ZONE_NAME`
fn gke(context: &str) -> Option<Vec<String>> {
    let mut parts = context.strip_prefix("gke_")?.splitn(3, '_');
    let (project, zone, cluster) = (parts.next()?, parts.next()?, parts.next()?);
    Some(vec![
        cluster.to_owned(),
        format!("{project}/{cluster}"),
        format!("{zone}/{cluster}"),
        format!("{project}/{zone}/{cluster}"),
    ])
}

/// `PROJECT/SERVER:PORT/USER`
fn openshift(context: &str) -> Option<Vec<String>> {
    let mut parts = context.split('/');
    let (project, server, user) = (parts.next()?, parts.next()?, parts.next()?);
    let (host, port) = server.rsplit_once(':')?;
    let is_port = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    let host = host.strip_prefix("api-").unwrap_or(host);
    (is_port && parts.next().is_none()).then(|| {
        vec![
            host.to_owned(),
            format!("{host}/{user}"),
            format!("{project}/{host}"),
            format!("{project}/{host}/{user}"),
        ]
    })
}
