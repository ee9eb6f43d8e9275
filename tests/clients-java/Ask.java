// Asks an API server as any program on the official Java client does: with nothing but a kubeconfig. Prints the name of the
// user that the server sees, and the namespace of the kubeconfig that the client has read. `tests/run --long` builds it.

import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.apis.AuthenticationV1Api;
import io.kubernetes.client.openapi.models.V1SelfSubjectReview;
import io.kubernetes.client.util.Config;
import io.kubernetes.client.util.KubeConfig;
import java.io.FileReader;

public class Ask {
    public static void main(String[] arguments) {
        try {
            ApiClient client = Config.defaultClient();
            V1SelfSubjectReview review = new V1SelfSubjectReview().apiVersion("authentication.k8s.io/v1").kind("SelfSubjectReview");
            review = new AuthenticationV1Api(client).createSelfSubjectReview(review).execute();
            String file = System.getenv("KUBECONFIG").split(":")[0];
            String namespace = KubeConfig.loadKubeConfig(new FileReader(file)).getNamespace();
            System.out.println("the server says: " + review.getStatus().getUserInfo().getUsername() + " " + namespace);
            System.exit(0);
        } catch (Throwable error) {
            error.printStackTrace();
            System.exit(1);
        }
    }
}
